// SPDX-License-Identifier: Apache-2.0
#include "worker/load_runner.h"

#include <memory>
#include <variant>

#include "base/status_macros.h"
#include "destinations/registry.h"
#include "worker/load_session.h"

namespace penstock::worker {
namespace {

// One step of the session, done for real.
struct Performer {
  LoadSession& session;
  const DestinationConfig& config;
  CoordinatorClient& coordinator;
  std::unique_ptr<destinations::Destination> destination;

  absl::StatusOr<destinations::LoadCursor> Prepare() {
    ASSIGN_OR_RETURN(destination, destinations::OpenDestination(config));
    RETURN_IF_ERROR(destination->EnsureTables());
    return destination->ReadCursor();
  }

  LoadStep operator()(const OpenAndReadCursor&) { return session.OnPrepared(Prepare()); }
  LoadStep operator()(const FetchChanges& step) {
    return session.OnChanges(coordinator.ReadChanges(step.request));
  }
  LoadStep operator()(const UpsertRows& step) {
    return session.OnWritten(destination->Upsert(step.rows, step.from, step.to).status());
  }
  LoadStep operator()(const TellLoad& step) { return session.OnTold(coordinator.ReportLoad(step.request)); }
  LoadStep operator()(const LoadEnded&) { return LoadEnded{}; }
};

}  // namespace

void RunLoadTask(const v1::LoadAssignment& assignment, const std::string& store_id,
                 const DestinationConfig& destination, CoordinatorClient& coordinator, TaskSlot& slot) {
  LoadSession session(assignment, store_id, slot);
  Performer perform{session, destination, coordinator, nullptr};
  LoadStep step = session.Begin();
  while (!std::holds_alternative<LoadEnded>(step)) step = std::visit(perform, step);
}

}  // namespace penstock::worker
