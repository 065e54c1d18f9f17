// SPDX-License-Identifier: Apache-2.0
#include "destinations/postgres/read.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "destinations/postgres/server_error.h"

namespace penstock::destinations::postgres {
namespace {

TextRow Cells(const Result& result) {
  TextRow cells;
  for (int i = 0; i < result.columns(); ++i) {
    cells.push_back(result.IsNull(0, i) ? std::nullopt : std::optional<std::string>(result.Text(0, i)));
  }
  return cells;
}

absl::Status Trouble(const ReadMeter& meter, absl::Status status) {
  const std::string words = ServerWords(status);
  if (SqlState(status) == "25006") status = absl::FailedPreconditionError(status.message());
  if (SqlState(status) == "57014") status = absl::DeadlineExceededError(status.message());
  return meter.Trouble(status, words);
}

}  // namespace

absl::Status Read(Connection* connection, const ReadQuery& query, ReadMeter& meter, const RowSink& sink) {
  RETURN_IF_ERROR(meter.CheckStatements());
  ASSIGN_OR_RETURN(const Transaction transaction, Transaction::BeginReading(connection));
  for (size_t i = 0; i < query.statements.size(); ++i) {
    // To compile a metric's long statement takes longer than most take to run.
    RETURN_IF_ERROR(connection->Execute(
        absl::StrCat("SET LOCAL jit = off; SET LOCAL work_mem = '64MB'; SET LOCAL statement_timeout = ",
                     std::max<int64_t>(1, absl::ToInt64Milliseconds(meter.left())))));
    absl::Status stopped;
    const absl::Status read = connection->Stream(
        query.statements[i],
        [&](const Result& row) {
          TextRow cells = Cells(row);
          stopped = meter.Count(cells);
          if (stopped.ok()) stopped = sink(i, std::move(cells));
          return stopped.ok();
        },
        [&] {
          stopped = meter.KeepOn();
          return stopped.ok();
        });
    RETURN_IF_ERROR(stopped);
    if (!read.ok()) return Trouble(meter, read);
  }
  return absl::OkStatus();
}

}  // namespace penstock::destinations::postgres
