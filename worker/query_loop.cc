// SPDX-License-Identifier: Apache-2.0
#include "worker/query_loop.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "destinations/registry.h"
#include "proto/convert.h"
#include "worker/limits.h"
#include "worker/query_task.h"

namespace penstock::worker {
namespace {

bool Stops(const TaskSlot& slot) { return slot.lost() || slot.draining(); }

// One query, from its assignment to its report.
class QueryWork {
 public:
  QueryWork(v1::QueryAssignment assignment, CoordinatorClient& coordinator, const Clock& clock,
            TaskSlot& slot)
      : assignment_(std::move(assignment)),
        coordinator_(coordinator),
        clock_(clock),
        slot_(slot),
        told_(clock.Now().boot) {}

  void Run(const Config& config, const OpenQueried& open) {
    const absl::StatusOr<QueryResult> result = Answer(config, open);
    if (unwanted_) return;
    if (Stops(slot_) && !result.ok()) {
      v1::ReportQueryRequest give_back;
      give_back.mutable_give_back();
      Tell({give_back});
      return;
    }
    if (!result.ok()) {
      Log(LogLevel::kWarning, "a query failed",
          {{"destination", assignment_.query().destination()},
           {"error", Redact(std::string(result.status().message()))}});
    }
    Tell(result.ok() ? ReportOf(*result) : std::vector<v1::ReportQueryRequest>{ReportOf(result.status())});
  }

 private:
  absl::StatusOr<QueryResult> Answer(const Config& config, const OpenQueried& open) {
    const std::string& name = assignment_.query().destination();
    const auto destination = config.destinations.find(name);
    if (destination == config.destinations.end()) {
      return absl::NotFoundError(
          absl::StrCat("the worker's configuration does not have the destination '", name, "'"));
    }
    ASSIGN_OR_RETURN(const std::unique_ptr<destinations::Destination> opened, open(destination->second));
    return AnswerQuery(assignment_.query(), destination->second, config.metrics, *opened, clock_,
                       {.max_rows = assignment_.max_rows(),
                        .max_bytes = assignment_.max_bytes(),
                        .time = FromProto(assignment_.time_left()),
                        .keep_on = [this] { return KeepOn(); }});
  }

  absl::Status KeepOn() {
    if (Stops(slot_)) return absl::CancelledError("the worker stops");
    const absl::Duration now = clock_.Now().boot;
    if (now < told_ + FromProto(assignment_.report_every())) return absl::OkStatus();
    told_ = now;
    v1::ReportQueryRequest progress;
    progress.mutable_progress();
    *progress.mutable_token() = assignment_.token();
    const absl::StatusOr<v1::ReportQueryResponse> response = coordinator_.ReportQuery({progress});
    // Whether anybody still waits is not known when the coordinator is away: its answer may be wanted yet.
    if (!response.ok() || response->carry_on()) return absl::OkStatus();
    unwanted_ = true;
    return absl::CancelledError("nobody waits for it any more");
  }

  // Until it is told, or nobody can wait for it any more.
  void Tell(std::vector<v1::ReportQueryRequest> messages) {
    *messages.front().mutable_token() = assignment_.token();
    absl::Status told;
    for (int i = 0; i < kQueryReports && !slot_.lost(); ++i) {
      told = coordinator_.ReportQuery(messages).status();
      if (!absl::IsUnavailable(told)) break;
      slot_.Wait(kQueryAgain);
    }
    if (told.ok()) return;
    Log(LogLevel::kWarning, "a query's answer could not be told",
        {{"destination", assignment_.query().destination()}, {"error", std::string(told.message())}});
  }

  const v1::QueryAssignment assignment_;
  CoordinatorClient& coordinator_;
  const Clock& clock_;
  TaskSlot& slot_;
  absl::Duration told_;  // when the coordinator last heard of it; boot clock
  bool unwanted_ = false;
};

}  // namespace

void RunQueries(const std::string& worker_id, const Config& config, CoordinatorClient& coordinator,
                const Clock& clock, Random& random, TaskSlot& slot, const OpenQueried& open) {
  const OpenQueried opens = open != nullptr ? open : [&](const DestinationConfig& destination) {
    return destinations::OpenDestination(destination, clock);
  };
  v1::TakeQueryRequest request;
  request.set_worker_id(worker_id);
  for (const auto& [name, destination] : config.destinations) request.add_destinations(name);
  *request.mutable_patience() = ToProto(kQueryPatience);
  while (!Stops(slot)) {
    absl::StatusOr<v1::TakeQueryResponse> taken = coordinator.TakeQuery(request);
    if (absl::IsUnimplemented(taken.status())) {
      slot.Wait(kQueryOlderCoordinator);
    } else if (!taken.ok()) {
      slot.Wait(kQueryAgain * (0.5 + random.Fraction()));
    } else if (taken->has_query()) {
      QueryWork(std::move(*taken->mutable_query()), coordinator, clock, slot).Run(config, opens);
    }
  }
}

}  // namespace penstock::worker
