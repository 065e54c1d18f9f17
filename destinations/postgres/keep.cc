// SPDX-License-Identifier: Apache-2.0
#include "destinations/postgres/keep.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "destinations/postgres/dialect.h"
#include "destinations/postgres/server_error.h"
#include "destinations/table_profile.h"

namespace penstock::destinations::postgres {
namespace {

// Whole tables are sorted and hashed, by one session.
constexpr char kKeepSettings[] =
    "SET LOCAL jit = off; SET LOCAL work_mem = '128MB'; SET LOCAL statement_timeout = ";

absl::Status Trouble(const ReadMeter& meter, absl::Status status) {
  if (absl::IsPermissionDenied(status)) return status;
  if (SqlState(status) == "57014") status = absl::DeadlineExceededError(status.message());
  return meter.Trouble(status, ServerWords(status));
}

}  // namespace

absl::Status Keep(Connection* connection, const std::string& schema, const ReadQuery& query,
                  ReadMeter& meter) {
  ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(connection));
  // The snapshot is taken behind the lock, by the first statement that reads.
  const absl::Status locked = connection->Execute(
      absl::StrCat("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; ", LockTable(schema, kLoadsTable)));
  if (!locked.ok()) return Trouble(meter, locked);
  for (const std::string& statement : query.statements) {
    RETURN_IF_ERROR(connection->Execute(
        absl::StrCat(kKeepSettings, std::max<int64_t>(1, absl::ToInt64Milliseconds(meter.left())))));
    absl::Status stopped;
    const absl::Status made = connection->Stream(
        statement, [](const Result&) { return true; },
        [&] {
          stopped = meter.KeepOn();
          return stopped.ok();
        });
    RETURN_IF_ERROR(stopped);
    if (!made.ok()) return Trouble(meter, made);
  }
  return transaction.Commit();
}

absl::Status DropFacts(Connection* connection, const std::string& schema) {
  ASSIGN_OR_RETURN(
      const Result tables,
      connection->Query(
          "SELECT tablename FROM pg_tables WHERE schemaname = $1 AND (tablename = $2 OR "
          "starts_with(tablename, $3))",
          {schema, absl::AsciiStrToLower(kFactsTable), absl::AsciiStrToLower(kFactTablePrefix)}));
  for (int row = 0; row < tables.rows(); ++row) {
    RETURN_IF_ERROR(connection->Execute(absl::StrCat("DROP TABLE ", Qualified(schema, tables.Text(row, 0)))));
  }
  return absl::OkStatus();
}

}  // namespace penstock::destinations::postgres
