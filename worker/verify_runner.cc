// SPDX-License-Identifier: Apache-2.0
#include "worker/verify_runner.h"

#include <memory>
#include <vector>

#include "base/log.h"
#include "base/status_macros.h"
#include "destinations/load_cursor.h"
#include "destinations/registry.h"
#include "worker/column_rules.h"
#include "worker/limits.h"
#include "worker/load_task.h"
#include "worker/typed_rows.h"
#include "worker/verify_tally.h"

namespace penstock::worker {
namespace {

// CANCELLED: the task was told to stop.
absl::StatusOr<v1::Verification> Verify(const v1::LoadAssignment& assignment, const std::string& store_id,
                                        const DestinationConfig& config, CoordinatorClient& coordinator,
                                        TaskSlot& slot) {
  ASSIGN_OR_RETURN(const ColumnRules columns, ColumnRules::Open(config));
  ASSIGN_OR_RETURN(const std::unique_ptr<destinations::Destination> destination,
                   destinations::OpenDestination(config));
  ASSIGN_OR_RETURN(const destinations::LoadCursor cursor, destination->ReadCursor());
  ASSIGN_OR_RETURN(const destinations::SetAside set_aside, destination->ReadSetAside(kSetAsideKnown));
  const destinations::StoreEpoch loaded = destinations::ParseStoreEpoch(cursor.store_id);
  const bool ours = loaded.store_id == store_id && loaded.columns == columns.fingerprint();
  VerifyTally tally(ours ? cursor.change : 0, set_aside.rows);
  v1::ReadChangesRequest request;
  *request.mutable_token() = assignment.token();
  request.set_source(assignment.source());
  request.set_max_bytes(kLoadBatchBytes);
  while (true) {
    if (slot.lost() || slot.draining()) return absl::CancelledError("the task was told to stop");
    ASSIGN_OR_RETURN(CoordinatorClient::Changes changes, coordinator.ReadChanges(request));
    std::erase_if(changes.changes, [](const v1::Change& change) { return !IsRow(change); });
    ASSIGN_OR_RETURN(const TypedRows typed, MakeTypedRows(changes.changes, config.tables, columns));
    ASSIGN_OR_RETURN(const std::vector<destinations::Standing> standings, destination->Compare(typed.rows));
    tally.Add(changes.changes, standings);
    // Later ones wait for their load, all of them.
    if (changes.through >= assignment.head()) break;
    request.set_after(changes.through);
  }
  for (Endpoint endpoint : kAllEndpoints) {
    ASSIGN_OR_RETURN(const uint64_t rows, destination->CountRows(endpoint));
    tally.AddTable(endpoint, rows);
  }
  return tally.Result();
}

}  // namespace

void RunVerifyTask(const v1::LoadAssignment& assignment, const std::string& store_id,
                   const DestinationConfig& config, CoordinatorClient& coordinator, TaskSlot& slot) {
  const absl::StatusOr<v1::Verification> found = Verify(assignment, store_id, config, coordinator, slot);
  if (slot.lost() || slot.draining()) return;
  v1::ReportLoadRequest request;
  *request.mutable_token() = assignment.token();
  request.set_source(assignment.source());
  request.set_destination(assignment.destination());
  request.set_kind(v1::VERIFY);
  if (found.ok()) {
    *request.mutable_verification() = *found;
    request.mutable_progress();
  } else {
    *request.mutable_failure() = FailureOf(found.status());
    request.mutable_failure()->set_detail(Redact(request.failure().detail()));
  }
  const absl::StatusOr<v1::ReportLoadResponse> told = coordinator.ReportLoad(request);
  if (told.ok()) return;
  Log(LogLevel::kWarning, "a verification could not be reported; it is done again",
      {{"destination", assignment.destination()}, {"error", std::string(told.status().message())}});
}

}  // namespace penstock::worker
