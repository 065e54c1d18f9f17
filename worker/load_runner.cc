// SPDX-License-Identifier: Apache-2.0
#include "worker/load_runner.h"

#include <memory>
#include <utility>
#include <variant>

#include "base/log.h"
#include "base/status_macros.h"
#include "destinations/registry.h"
#include "proto/convert.h"
#include "worker/limits.h"
#include "worker/load_task.h"
#include "worker/normaliser.h"

namespace penstock::worker {
namespace {

class Runner {
 public:
  Runner(const v1::LoadAssignment& assignment, const std::string& store_id, const DestinationConfig& config,
         CoordinatorClient& coordinator, TaskSlot& slot)
      : assignment_(assignment), config_(config), coordinator_(coordinator), slot_(slot), task_(store_id) {}

  void Run() {
    LoadAction action = task_.Begin();
    while (!std::holds_alternative<LoadFinished>(action) && !slot_.lost() && !slot_.draining()) {
      action = std::visit([this](const auto& wanted) { return Do(wanted); }, action);
    }
  }

 private:
  LoadAction Do(const PrepareDestination&) { return task_.OnPrepared(Prepare()); }

  absl::StatusOr<destinations::LoadCursor> Prepare() {
    ASSIGN_OR_RETURN(destination_, destinations::OpenDestination(config_));
    RETURN_IF_ERROR(destination_->EnsureTables());
    return destination_->ReadCursor();
  }

  LoadAction Do(const ReadNextChanges& wanted) {
    v1::ReadChangesRequest request;
    *request.mutable_token() = assignment_.token();
    request.set_source(assignment_.source());
    request.set_after(wanted.after);
    request.set_max_bytes(kLoadBatchBytes);
    return task_.OnChanges(coordinator_.ReadChanges(request));
  }

  LoadAction Do(const WriteBatch& wanted) {
    uint64_t irregular = 0;
    std::vector<destinations::TypedRow> rows;
    rows.reserve(wanted.changes->size());
    for (const v1::Change& change : *wanted.changes) {
      absl::StatusOr<Normalised> normalised =
          Normalise(change, destinations::GuideTable(FromProto(change.endpoint())));
      if (!normalised.ok()) return task_.OnWritten(normalised.status(), 0, 0);
      irregular += normalised->irregular;
      rows.push_back(std::move(normalised->row));
    }
    return task_.OnWritten(destination_->Upsert(rows, wanted.from, wanted.to).status(), rows.size(),
                           irregular);
  }

  LoadAction Do(const ReportProgress& wanted) {
    v1::ReportLoadRequest request = Request();
    request.set_loaded(wanted.loaded);
    request.set_rows(wanted.rows);
    request.set_irregular(wanted.irregular);
    request.mutable_progress();
    return task_.OnReported(coordinator_.ReportLoad(request));
  }

  LoadAction Do(const ReportFailure& wanted) {
    v1::ReportLoadRequest request = Request();
    request.mutable_failure()->set_kind(wanted.kind);
    request.mutable_failure()->set_detail(Redact(wanted.detail));
    const absl::Status status = coordinator_.ReportLoad(request).status();
    if (!status.ok())
      Log(LogLevel::kWarning, "a load's failure could not be reported", {{"failure", wanted.detail}});
    return LoadFinished{};
  }

  LoadAction Do(const LoadFinished&) { return LoadFinished{}; }

  v1::ReportLoadRequest Request() const {
    v1::ReportLoadRequest request;
    *request.mutable_token() = assignment_.token();
    request.set_source(assignment_.source());
    request.set_destination(assignment_.destination());
    return request;
  }

  const v1::LoadAssignment& assignment_;
  const DestinationConfig& config_;
  CoordinatorClient& coordinator_;
  TaskSlot& slot_;
  LoadTask task_;
  std::unique_ptr<destinations::Destination> destination_;
};

}  // namespace

void RunLoadTask(const v1::LoadAssignment& assignment, const std::string& store_id,
                 const DestinationConfig& destination, CoordinatorClient& coordinator, TaskSlot& slot) {
  Runner(assignment, store_id, destination, coordinator, slot).Run();
}

}  // namespace penstock::worker
