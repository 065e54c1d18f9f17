// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
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
  uint64_t epoch;  // that numbered `after`; 0: not known
};
struct WriteBatch {  // normalise and upsert, in one transaction with the cursor; then OnWritten
  const std::vector<v1::Change>* changes;  // valid until the next event
  destinations::LoadCursor from;
  destinations::LoadCursor to;
};
struct PutCoverage {  // then OnCoverage
  destinations::LoadCursor at;
};
struct ReportProgress {  // then OnReported
  uint64_t loaded = 0;
  uint64_t rows = 0;
  uint64_t irregular = 0;
  bool coverage = false;  // it is there, or never will be
};
struct ReportFailure {  // then the end
  v1::LoadFailure::Kind kind;
  std::string detail;
};
struct LoadFinished {};
using LoadAction = std::variant<PrepareDestination, ReadNextChanges, WriteBatch, PutCoverage, ReportProgress,
                                ReportFailure, LoadFinished>;

// What a destination's error means to people, by destination.h's kinds.
v1::LoadFailure FailureOf(const absl::Status& status);

// One leased load as a pure machine: the destination's own cursor is read first and believed before anything
// else; then changes are read and written, batch by batch, until the store has no more. A cursor of another
// store, or one ahead of this store or of another life of it, or of other rules for columns, makes it begin again from
// the first change (a resync), and so does whoever asks for it: rows that are there already do not change.
class LoadTask {
 public:
  struct Options {
    std::string store_id;
    bool resync = false;
    // There is a coverage to be put, true of everything up to this change.
    std::optional<uint64_t> coverage_of = std::nullopt;
    std::string columns = "";  // ColumnRules::fingerprint
  };
  explicit LoadTask(Options options) : options_(std::move(options)) {}

  LoadAction Begin() { return PrepareDestination{}; }
  LoadAction OnPrepared(const absl::StatusOr<destinations::LoadCursor>& cursor);
  LoadAction OnChanges(absl::StatusOr<CoordinatorClient::Changes> changes);
  LoadAction OnWritten(const absl::Status& status, uint64_t rows, uint64_t irregular);
  LoadAction OnCoverage(const absl::Status& status);
  LoadAction OnReported(const absl::StatusOr<v1::ReportLoadResponse>& response);

 private:
  static LoadAction FailWith(const absl::Status& status);
  // The cursor once `batch_` is written.
  destinations::LoadCursor AfterBatch() const;
  // Reports what was written, after the coverage if it is time for that.
  LoadAction Progress(uint64_t rows, uint64_t irregular);

  const Options options_;
  destinations::LoadCursor cursor_;  // as the destination has it
  uint64_t after_ = 0;
  uint64_t epoch_ = 0;  // of `after_`
  CoordinatorClient::Changes batch_;
  bool coverage_put_ = false;
  ReportProgress progress_;
};

}  // namespace penstock::worker
