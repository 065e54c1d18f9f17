// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "destinations/destination.h"
#include "proto/worker_service.pb.h"
#include "worker/column_rules.h"
#include "worker/coordinator_client.h"
#include "worker/load_task.h"
#include "worker/task_slot.h"

namespace penstock::worker {

// What a load session wants done next; its shell (load_runner.h) does it and tells what came of it.
struct OpenAndReadCursor {};  // open, ensure the tables, read the load cursor; then OnPrepared
struct FetchChanges {         // then OnChanges
  v1::ReadChangesRequest request;
};
struct UpsertRows {  // then OnWritten
  std::vector<destinations::TypedRow> rows;
  destinations::LoadCursor from;
  destinations::LoadCursor to;
};
struct WriteCoverage {  // then OnCoverage
  std::vector<destinations::CoverageDay> days;
  destinations::LoadCursor at;
};
struct TellLoad {  // then OnTold
  v1::ReportLoadRequest request;
};
struct LoadEnded {};
using LoadStep =
    std::variant<OpenAndReadCursor, FetchChanges, UpsertRows, WriteCoverage, TellLoad, LoadEnded>;

// A LoadTask and its dealings with the coordinator, as a pure machine: rows are normalised here, and what the
// destination is not to hold is taken from them; before each step the session ends when the slot was told to stop.
class LoadSession {
 public:
  // `tables`, `columns`: the destination's.
  LoadSession(const v1::LoadAssignment& assignment, const std::string& store_id, TaskSlot& slot,
              TableNames tables = TableNames::kGuide, ColumnRules columns = {});

  LoadStep Begin() { return Next(task_.Begin()); }
  LoadStep OnPrepared(const absl::StatusOr<destinations::LoadCursor>& cursor);
  LoadStep OnChanges(absl::StatusOr<CoordinatorClient::Changes> changes);
  LoadStep OnWritten(const absl::Status& status);
  LoadStep OnCoverage(const absl::Status& status);
  LoadStep OnTold(const absl::StatusOr<v1::ReportLoadResponse>& response);

 private:
  LoadStep Next(const LoadAction& action);
  LoadStep Do(const PrepareDestination&) { return OpenAndReadCursor{}; }
  LoadStep Do(const ReadNextChanges& wanted);
  LoadStep Do(const WriteBatch& wanted);
  LoadStep Do(const PutCoverage& wanted);
  LoadStep Do(const ReportProgress& wanted);
  LoadStep Do(const ReportFailure& wanted);
  LoadStep Do(const LoadFinished&) { return LoadEnded{}; }
  v1::ReportLoadRequest Request() const;

  const v1::LoadAssignment assignment_;
  TaskSlot& slot_;
  const TableNames tables_;
  const ColumnRules columns_;
  LoadTask task_;
  uint64_t rows_ = 0;  // of the batch that is being written
  uint64_t irregular_ = 0;
  bool failed_ = false;  // a failure was told: nothing comes after it
};

}  // namespace penstock::worker
