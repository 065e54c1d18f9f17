// SPDX-License-Identifier: Apache-2.0
#include "destinations/postgres/adopt.h"

#include <map>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "destinations/adoption.h"
#include "destinations/postgres/dialect.h"
#include "destinations/postgres/layout.h"
#include "destinations/table_profile.h"

namespace penstock::destinations::postgres {
namespace {

struct Type {
  std::string written;  // "character varying(40)"
  std::string base;     // "varchar"
};
using Types = std::map<std::string, Type>;  // by name in small letters

absl::StatusOr<Types> ReadTypes(Connection* connection, const std::string& schema, const Table& table) {
  ASSIGN_OR_RETURN(const Result columns,
                   connection->Query("SELECT a.attname, format_type(a.atttypid, a.atttypmod), t.typname FROM "
                                     "pg_attribute a JOIN pg_type t ON t.oid = a.atttypid WHERE a.attrelid = "
                                     "to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped",
                                     {Qualified(schema, table.name)}));
  Types types;
  for (int row = 0; row < columns.rows(); ++row) {
    types[columns.Text(row, 0)] = {columns.Text(row, 1), columns.Text(row, 2)};
  }
  return types;
}

absl::Status CountRows(Connection* connection, const std::string& schema, const Table& table,
                       FoundTable* found) {
  ASSIGN_OR_RETURN(const Result counts, connection->Query(CountDuplicates(schema, table)));
  found->rows = static_cast<uint64_t>(counts.Int(0, 0));
  found->without_id = static_cast<uint64_t>(counts.Int(0, 1));
  found->duplicate_ids = static_cast<uint64_t>(counts.Int(0, 2));
  found->surplus = static_cast<uint64_t>(counts.Int(0, 3));
  if (found->duplicate_ids == 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Result examples,
                   connection->Query(SelectDuplicates(schema, table), {absl::StrCat(kDuplicatesNamed)}));
  for (int row = 0; row < examples.rows(); ++row) {
    found->examples.push_back({examples.Text(row, 0), static_cast<uint64_t>(examples.Int(row, 1))});
  }
  return absl::OkStatus();
}

absl::StatusOr<FoundTable> Look(Connection* connection, const std::string& schema, const Table& table) {
  FoundTable found = Named(table);
  const absl::StatusOr<Layout> layout = ReadLayout(connection, schema, table);
  if (absl::IsFailedPrecondition(layout.status())) return Refused(std::move(found), layout.status());
  RETURN_IF_ERROR(layout.status());
  found.exists = layout->exists;
  if (!found.exists) return found;
  found.missing = layout->missing;
  found.unique_key = layout->unique_key;
  ASSIGN_OR_RETURN(const Types types, ReadTypes(connection, schema, table));
  for (const auto& [column, ours] : DeclaredTypes(table)) {
    const auto type = types.find(absl::AsciiStrToLower(column));
    if (type != types.end() && type->second.base != ours) {
      found.other_types.push_back({column, type->second.written, ours});
    }
  }
  RETURN_IF_ERROR(CountRows(connection, schema, table, &found));
  return found;
}

// Takes a lock that lasts until the transaction ends.
absl::StatusOr<uint64_t> RemoveSurplus(Connection* connection, const std::string& schema,
                                       const Table& table) {
  RETURN_IF_ERROR(connection->Execute(LockTable(schema, table.name)));
  ASSIGN_OR_RETURN(const Types types, ReadTypes(connection, schema, table));
  const std::string name = absl::AsciiStrToLower(table.columns[StampColumn(table)].name);
  std::optional<Target> stamp;
  if (const auto type = types.find(name); type != types.end()) {
    const bool text = type->second.base == "text" || type->second.base == "varchar";
    stamp = {.name = QuoteName(name), .type = type->second.written, .text_stamp = text};
  }
  const bool sequence = types.count(absl::AsciiStrToLower(kSequenceColumn)) > 0;
  ASSIGN_OR_RETURN(const Result removed, connection->Query(RemoveDuplicates(schema, table, stamp, sequence)));
  return removed.affected();
}

absl::StatusOr<FoundTable> AdoptTable(Connection* connection, const std::string& schema, const Table& table,
                                      const AdoptOptions& options) {
  ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(connection));
  ASSIGN_OR_RETURN(FoundTable found, Look(connection, schema, table));
  const Work work = WorkOn(found, options);
  uint64_t removed = 0;
  if (work.remove) {
    ASSIGN_OR_RETURN(removed, RemoveSurplus(connection, schema, table));
  }
  if (work.add_key) RETURN_IF_ERROR(connection->Execute(CreateUniqueKey(schema, table)));
  if (!work.remove && !work.add_key) return found;
  ASSIGN_OR_RETURN(found, Look(connection, schema, table));
  RETURN_IF_ERROR(transaction.Commit());
  found.removed = removed;
  found.key_added = work.add_key;
  return found;
}

}  // namespace

absl::StatusOr<std::vector<FoundTable>> Adopt(Connection* connection, const std::string& schema,
                                              TableNames tables, const AdoptOptions& options) {
  std::vector<FoundTable> all;
  for (Endpoint endpoint : kAllEndpoints) {
    ASSIGN_OR_RETURN(FoundTable found, AdoptTable(connection, schema, TableOf(tables, endpoint), options));
    all.push_back(std::move(found));
  }
  return all;
}

}  // namespace penstock::destinations::postgres
