// SPDX-License-Identifier: Apache-2.0
#include "destinations/sqlite/adopt.h"

#include <map>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "base/status_macros.h"
#include "destinations/adoption.h"
#include "destinations/sqlite/dialect.h"
#include "destinations/sqlite/layout.h"
#include "destinations/table_profile.h"

namespace penstock::destinations::sqlite {
namespace {

// By name in capitals.
using Types = std::map<std::string, std::string>;

absl::StatusOr<Types> ReadTypes(Connection* connection, const Table& table) {
  ASSIGN_OR_RETURN(Statement query, connection->Prepare("SELECT name, type FROM pragma_table_xinfo(?1)"));
  query.Bind(1, table.name);
  Types types;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, query.Step());
    if (!more) return types;
    types[absl::AsciiStrToUpper(query.Text(0))] = query.Text(1);
  }
}

absl::Status CountRows(Connection* connection, const Table& table, FoundTable* found) {
  ASSIGN_OR_RETURN(Statement counts, connection->Prepare(CountDuplicates(table)));
  RETURN_IF_ERROR(counts.Step().status());
  found->rows = static_cast<uint64_t>(counts.Int(0));
  found->without_id = static_cast<uint64_t>(counts.Int(1));
  found->duplicate_ids = static_cast<uint64_t>(counts.Int(2));
  found->surplus = static_cast<uint64_t>(counts.Int(3));
  if (found->duplicate_ids == 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(Statement select, connection->Prepare(SelectDuplicates(table)));
  select.Bind(1, int64_t{kDuplicatesNamed});
  while (true) {
    ASSIGN_OR_RETURN(const bool more, select.Step());
    if (!more) return absl::OkStatus();
    found->examples.push_back({select.Text(0), static_cast<uint64_t>(select.Int(1))});
  }
}

absl::StatusOr<FoundTable> Look(Connection* connection, const Table& table) {
  FoundTable found = Named(table);
  const absl::StatusOr<Layout> layout = ReadLayout(connection, table);
  if (absl::IsFailedPrecondition(layout.status())) return Refused(std::move(found), layout.status());
  RETURN_IF_ERROR(layout.status());
  found.exists = layout->exists;
  if (!found.exists) return found;
  found.missing = layout->missing;
  found.unique_key = layout->unique_key;
  ASSIGN_OR_RETURN(const Types types, ReadTypes(connection, table));
  for (const auto& [column, ours] : DeclaredTypes(table)) {
    const auto type = types.find(column);
    if (type != types.end() && !absl::EqualsIgnoreCase(type->second, ours)) {
      found.other_types.push_back({column, type->second, ours});
    }
  }
  RETURN_IF_ERROR(CountRows(connection, table, &found));
  return found;
}

absl::StatusOr<FoundTable> AdoptTable(Connection* connection, const Table& table,
                                      const AdoptOptions& options) {
  ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(connection));
  ASSIGN_OR_RETURN(FoundTable found, Look(connection, table));
  const Work work = WorkOn(found, options);
  uint64_t removed = 0;
  if (work.remove) {
    ASSIGN_OR_RETURN(const Types types, ReadTypes(connection, table));
    std::vector<std::string> columns;
    for (const auto& [column, type] : types) columns.push_back(column);
    RETURN_IF_ERROR(connection->Execute(RemoveDuplicates(table, columns)));
    removed = static_cast<uint64_t>(connection->Changes());
  }
  if (work.add_key) RETURN_IF_ERROR(connection->Execute(CreateUniqueKey(table)));
  if (!work.remove && !work.add_key) return found;
  ASSIGN_OR_RETURN(found, Look(connection, table));
  RETURN_IF_ERROR(transaction.Commit());
  found.removed = removed;
  found.key_added = work.add_key;
  return found;
}

}  // namespace

absl::StatusOr<std::vector<FoundTable>> Adopt(Connection* connection, TableNames tables,
                                              const AdoptOptions& options) {
  std::vector<FoundTable> all;
  for (Endpoint endpoint : kAllEndpoints) {
    ASSIGN_OR_RETURN(FoundTable found, AdoptTable(connection, TableOf(tables, endpoint), options));
    all.push_back(std::move(found));
  }
  return all;
}

}  // namespace penstock::destinations::sqlite
