// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "destinations/destination.h"
#include "proto/worker_service.pb.h"
#include "worker/coordinator_client.h"

namespace penstock::worker {

// What a load task wants done next; load_runner.h does it.
struct PrepareDestination {};  // tables, then the load cursor; then OnPrepared
struct ReadNextChanges {       // then OnChanges
  uint64_t after;
};
struct WriteBatch {  // normalise and upsert, in one transaction with the cursor; then OnWritten
  const std::vector<v1::Change>* changes;  // valid until the next event
  destinations::LoadCursor from;
  destinations::LoadCursor to;
};
struct ReportProgress {  // then OnReported
  uint64_t loaded;
  uint64_t rows;
  uint64_t irregular;
};
struct ReportFailure {  // then the end
  v1::LoadFailure::Kind kind;
  std::string detail;
};
struct LoadFinished {};
using LoadAction = std::variant<PrepareDestination, ReadNextChanges, WriteBatch, ReportProgress,
                                ReportFailure, LoadFinished>;

// One leased load as a pure machine: the destination's own cursor is read first and believed before anything
// else; then changes are read and written, batch by batch, until the store has no more. A cursor of another
// store, or one ahead of this store, makes it begin again from the first change (a resync): rows that are
// there already do not change.
class LoadTask {
 public:
  explicit LoadTask(std::string store_id) : store_id_(std::move(store_id)) {}

  LoadAction Begin() { return PrepareDestination{}; }
  LoadAction OnPrepared(const absl::StatusOr<destinations::LoadCursor>& cursor);
  LoadAction OnChanges(absl::StatusOr<CoordinatorClient::Changes> changes);
  LoadAction OnWritten(const absl::Status& status, uint64_t rows, uint64_t irregular);
  LoadAction OnReported(const absl::StatusOr<v1::ReportLoadResponse>& response);

 private:
  LoadAction FailWith(const absl::Status& status) const;

  const std::string store_id_;
  destinations::LoadCursor cursor_;  // as the destination has it
  uint64_t after_ = 0;
  CoordinatorClient::Changes batch_;
};

}  // namespace penstock::worker
