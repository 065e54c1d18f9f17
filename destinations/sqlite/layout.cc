// SPDX-License-Identifier: Apache-2.0
#include "destinations/sqlite/layout.h"

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "destinations/sqlite/dialect.h"

namespace penstock::destinations::sqlite {
namespace {

struct Found {
  std::string type;
  bool computed = false;
};
using FoundColumns = absl::flat_hash_map<std::string, Found>;  // by name in upper case

// https://www.sqlite.org/datatype3.html, 3.1: whether text in a column of that type stays text.
bool KeepsText(const std::string& declared) {
  const std::string type = absl::AsciiStrToUpper(declared);
  if (absl::StrContains(type, "INT")) return false;
  if (absl::StrContains(type, "CHAR") || absl::StrContains(type, "CLOB") || absl::StrContains(type, "TEXT"))
    return true;
  return type.empty() || absl::StrContains(type, "BLOB");
}

absl::Status Refuse(const Table& table, absl::string_view what) {
  return absl::FailedPreconditionError(
      absl::StrCat("the existing table ", table.name, " cannot take the rows: ", what,
                   "; rename the table, and Penstock creates and fills its own"));
}

absl::StatusOr<std::string> ObjectKind(Connection* connection, const std::string& name) {
  ASSIGN_OR_RETURN(Statement query,
                   connection->Prepare("SELECT type FROM sqlite_schema WHERE type IN ('table','view') AND "
                                       "lower(name) = lower(?1)"));
  query.Bind(1, name);
  ASSIGN_OR_RETURN(bool there, query.Step());
  return there ? query.Text(0) : std::string();
}

absl::StatusOr<FoundColumns> ReadColumns(Connection* connection, const Table& table) {
  ASSIGN_OR_RETURN(Statement query,
                   connection->Prepare("SELECT name, type, hidden FROM pragma_table_xinfo(?1)"));
  query.Bind(1, table.name);
  FoundColumns columns;
  while (true) {
    ASSIGN_OR_RETURN(bool more, query.Step());
    if (!more) return columns;
    columns[absl::AsciiStrToUpper(query.Text(0))] = {query.Text(1), query.Int(2) != 0};
  }
}

absl::Status CheckColumns(const Table& table, const FoundColumns& found) {
  for (const Column& column : table.columns) {
    const auto it = found.find(column.name);
    if (it == found.end()) continue;
    if (it->second.computed) return Refuse(table, absl::StrCat(column.name, " is a computed column"));
    if (column.type == ColumnType::kText && !KeepsText(it->second.type)) {
      return Refuse(table, absl::StrCat(column.name, " has the type ", it->second.type,
                                        ", which would turn ids like \"007\" into numbers"));
    }
  }
  for (const char* own : {kExtraColumn, kSequenceColumn, kLoadedAtColumn}) {
    const auto it = found.find(own);
    if (it != found.end() && it->second.computed)
      return Refuse(table, absl::StrCat(own, " is a computed column"));
  }
  if (!found.contains(table.columns.front().name)) {
    return Refuse(table, absl::StrCat("it has no column ", table.columns.front().name, ", which is the key"));
  }
  return absl::OkStatus();
}

// The indexes over the key: a unique one of nothing but the key is a unique key; one that begins with it
// finds rows.
absl::Status ReadIndexes(Connection* connection, const Table& table, Layout* layout) {
  // One row per index that begins with the key. cid -1 is the rowid, -2 an expression: neither has a name.
  ASSIGN_OR_RETURN(
      Statement query,
      connection->Prepare(
          "SELECT l.\"unique\" AND NOT l.partial AND (SELECT count(*) FROM pragma_index_xinfo(l.name) "
          "WHERE key) = 1, NOT l.partial, x.coll FROM pragma_index_list(?1) l, "
          "pragma_index_xinfo(l.name) x WHERE x.seqno = 0 AND upper(x.name) = upper(?2)"));
  query.Bind(1, table.name);
  query.Bind(2, table.columns.front().name);
  while (true) {
    ASSIGN_OR_RETURN(bool more, query.Step());
    if (!more) return absl::OkStatus();
    const bool exact = absl::EqualsIgnoreCase(query.Text(2), "BINARY");
    if (query.Int(0) != 0 && !exact) {
      return Refuse(table, absl::StrCat("its unique key ", table.columns.front().name, " has the collation ",
                                        query.Text(2), ", but ids that differ only in case are different"));
    }
    if (query.Int(0) != 0) layout->unique_key = true;
    if (query.Int(1) != 0 && exact) layout->key_index = true;
  }
}

}  // namespace

absl::StatusOr<Layout> ReadLayout(Connection* connection, const Table& table) {
  Layout layout;
  ASSIGN_OR_RETURN(const std::string kind, ObjectKind(connection, table.name));
  if (kind.empty()) return layout;
  if (kind != "table") return Refuse(table, "it is a view");
  layout.exists = true;
  ASSIGN_OR_RETURN(const FoundColumns found, ReadColumns(connection, table));
  RETURN_IF_ERROR(CheckColumns(table, found));
  for (const Column& column : table.columns) {
    if (!found.contains(column.name)) layout.missing.push_back(column.name);
  }
  for (const char* own : {kExtraColumn, kSequenceColumn, kLoadedAtColumn}) {
    if (!found.contains(own)) layout.missing.push_back(own);
  }
  RETURN_IF_ERROR(ReadIndexes(connection, table, &layout));
  return layout;
}

absl::StatusOr<bool> TableExists(Connection* connection, const std::string& name) {
  ASSIGN_OR_RETURN(const std::string kind, ObjectKind(connection, name));
  return kind == "table";
}

}  // namespace penstock::destinations::sqlite
