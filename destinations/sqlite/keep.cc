// SPDX-License-Identifier: Apache-2.0
#include "destinations/sqlite/keep.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "destinations/sqlite/dialect.h"
#include "destinations/table_profile.h"

namespace penstock::destinations::sqlite {
namespace {

// Tables are made and indexed whole: more pages than a load needs.
constexpr char kKeepSettings[] = "PRAGMA cache_size=-131072;";

absl::Status Trouble(const ReadMeter& meter, absl::Status status) {
  const std::string words = OwnWords(status);
  if (absl::StartsWith(words, "no such ")) status = absl::NotFoundError(status.message());
  return meter.Trouble(status, words);
}

}  // namespace

absl::Status Keep(const std::string& path, absl::Duration busy_timeout, const ReadQuery& query,
                  ReadMeter& meter) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Connection> connection,
                   Connection::Open(path, {.busy_timeout = busy_timeout}));
  RETURN_IF_ERROR(connection->Execute(kKeepSettings));
  {
    ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(connection.get()));
    absl::Status stopped;
    connection->Watch([&] {
      stopped.Update(meter.KeepOn());
      return stopped.ok();
    });
    for (const std::string& statement : query.statements) {
      const absl::Status made = connection->Execute(statement);
      RETURN_IF_ERROR(stopped);
      if (!made.ok()) return Trouble(meter, made);
    }
    RETURN_IF_ERROR(transaction.Commit());
  }
  // The log has the new tables' size; whoever reads meanwhile keeps it so for a while.
  return connection->Execute("PRAGMA wal_checkpoint(TRUNCATE)");
}

absl::Status DropFacts(Connection* connection) {
  std::vector<std::string> tables;
  {
    ASSIGN_OR_RETURN(
        Statement select,
        connection->Prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND (name = ?1 OR "
                            "substr(name, 1, length(?2)) = ?2)"));
    select.Bind(1, absl::string_view(kFactsTable));
    select.Bind(2, absl::string_view(kFactTablePrefix));
    while (true) {
      ASSIGN_OR_RETURN(const bool more, select.Step());
      if (!more) break;
      tables.push_back(select.Text(0));
    }
  }
  for (const std::string& table : tables) {
    RETURN_IF_ERROR(connection->Execute(absl::StrCat("DROP TABLE ", QuoteName(table))));
  }
  return absl::OkStatus();
}

}  // namespace penstock::destinations::sqlite
