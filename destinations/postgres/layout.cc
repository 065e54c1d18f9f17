// SPDX-License-Identifier: Apache-2.0
#include "destinations/postgres/layout.h"

#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "destinations/postgres/dialect.h"

namespace penstock::destinations::postgres {
namespace {

// Every table of these names, one row per column.
constexpr char kColumns[] =
    "SELECT c.relname, c.relkind IN ('r','p'), pg_has_role(c.relowner, 'USAGE'), a.attname, "
    "format_type(a.atttypid, a.atttypmod), t.typname, a.attgenerated <> '' OR a.attidentity = 'a', "
    "coalesce(l.collisdeterministic, true) "
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
    "LEFT JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_collation l ON l.oid = a.attcollation "
    "WHERE n.nspname = $1 AND c.relname = ANY($2::text[]) AND c.relkind IN ('r','p','v','m','f')";
// Every index over them, by its first column.
constexpr char kIndexes[] =
    "SELECT c.relname, a.attname, i.indisunique AND i.indimmediate AND i.indnkeyatts = 1, "
    "coalesce(l.collisdeterministic, true) "
    "FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
    "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0] "
    "LEFT JOIN pg_collation l ON l.oid = i.indcollation[0] "
    "WHERE n.nspname = $1 AND c.relname = ANY($2::text[]) AND i.indisvalid AND i.indpred IS NULL";

struct Found {
  std::string type;  // as the server writes it
  std::string base;  // without length and precision
  bool computed = false;
  bool deterministic = true;
};
using FoundColumns = absl::flat_hash_map<std::string, Found>;  // by name

absl::Status Refuse(const Table& table, absl::string_view what) {
  return absl::FailedPreconditionError(
      absl::StrCat("the existing table ", table.name, " cannot take the rows: ", what,
                   "; rename the table, and Penstock creates and fills its own"));
}

// How values of a profile's column travel to a column of that type; empty: they do not fit.
std::optional<Wire> Suits(ColumnType wanted, const std::string& base) {
  if (base == "text" || base == "varchar") return Wire::kText;
  switch (wanted) {
    case ColumnType::kText:
      return std::nullopt;
    case ColumnType::kTimestamp:
      if (base == "timestamptz" || base == "timestamp") return Wire::kInstant;
      return std::nullopt;
    case ColumnType::kBoolean:
      if (base == "bool") return Wire::kBoolean;
      return std::nullopt;
    case ColumnType::kJson:
      if (base == "jsonb") return Wire::kJsonb;
      if (base == "json") return Wire::kText;
      return std::nullopt;
  }
  CHECK(false);
}

absl::Status Unsuited(const Table& table, const std::string& column, const Found& found) {
  if (found.computed) return Refuse(table, absl::StrCat(column, " is a computed column"));
  return Refuse(table,
                absl::StrCat(column, " has the type ", found.type, ", which does not hold its values"));
}

class LayoutReader {
 public:
  LayoutReader(const Table& table, const FoundColumns& found) : table_(table), found_(found) {}

  absl::Status Read(Layout* layout) {
    for (const Column& column : table_.columns) RETURN_IF_ERROR(Add(column.name, column.type, layout));
    if (!layout->missing.empty() && layout->missing.front() == table_.columns.front().name) {
      return Refuse(table_,
                    absl::StrCat("it has no column ", table_.columns.front().name, ", which is the key"));
    }
    if (!found_.at(Small(table_.columns.front().name)).deterministic) {
      return Refuse(table_, absl::StrCat("its key ", table_.columns.front().name,
                                         " folds case, but ids that differ only in case are different"));
    }
    if (!layout->missing.empty()) layout->targets.clear();
    RETURN_IF_ERROR(Add(kExtraColumn, ColumnType::kJson, layout));
    RETURN_IF_ERROR(AddOwn(kSequenceColumn, "int8", layout));
    RETURN_IF_ERROR(AddOwn(kLoadedAtColumn, "timestamptz", layout));
    if (layout->missing.empty()) {
      layout->targets.pop_back();  // not of the batch
      Target& stamp = layout->targets[StampColumn(table_)];
      stamp.text_stamp = stamp.wire == Wire::kText;
    }
    return absl::OkStatus();
  }

 private:
  static std::string Small(absl::string_view name) { return absl::AsciiStrToLower(name); }

  absl::Status Add(const std::string& column, ColumnType wanted, Layout* layout) {
    const auto it = found_.find(Small(column));
    if (it == found_.end()) {
      layout->missing.push_back(column);
      return absl::OkStatus();
    }
    const std::optional<Wire> wire = Suits(wanted, it->second.base);
    if (!wire.has_value() || it->second.computed) return Unsuited(table_, column, it->second);
    layout->targets.push_back({.name = QuoteName(it->first),
                               .type = it->second.type,
                               .wire = *wire,
                               .comparable = it->second.base != "json"});
    return absl::OkStatus();
  }

  absl::Status AddOwn(const std::string& column, absl::string_view base, Layout* layout) {
    const auto it = found_.find(Small(column));
    if (it == found_.end()) {
      layout->missing.push_back(column);
      return absl::OkStatus();
    }
    if (it->second.base != base || it->second.computed) return Unsuited(table_, column, it->second);
    layout->targets.push_back(
        {.name = QuoteName(it->first), .type = it->second.type, .wire = Wire::kInteger});
    return absl::OkStatus();
  }

  const Table& table_;
  const FoundColumns& found_;
};

// Names as an array, as a parameter.
std::string ListOf(const std::vector<std::string>& names) {
  return absl::StrCat("{", absl::AsciiStrToLower(absl::StrJoin(names, ",")), "}");
}

struct Catalogue {
  Result columns;
  Result indexes;
};
absl::StatusOr<Catalogue> ReadCatalogue(Connection* connection, const std::string& schema,
                                        const std::vector<std::string>& names) {
  ASSIGN_OR_RETURN(Result columns, connection->Query(kColumns, {schema, ListOf(names)}));
  ASSIGN_OR_RETURN(Result indexes, connection->Query(kIndexes, {schema, ListOf(names)}));
  return Catalogue{std::move(columns), std::move(indexes)};
}

absl::StatusOr<Layout> LayoutOf(const Catalogue& catalogue, const Table& table) {
  const auto& [columns, indexes] = catalogue;
  const std::string name = absl::AsciiStrToLower(table.name);
  Layout layout;
  FoundColumns found;
  for (int row = 0; row < columns.rows(); ++row) {
    if (columns.Text(row, 0) != name) continue;
    if (!columns.Bool(row, 1)) return Refuse(table, "it is no ordinary table");
    layout.exists = true;
    layout.mine = columns.Bool(row, 2);
    found[columns.Text(row, 3)] = {columns.Text(row, 4), columns.Text(row, 5), columns.Bool(row, 6),
                                   columns.Bool(row, 7)};
  }
  if (!layout.exists) return layout;
  RETURN_IF_ERROR(LayoutReader(table, found).Read(&layout));
  const std::string key = absl::AsciiStrToLower(table.columns.front().name);
  for (int row = 0; row < indexes.rows(); ++row) {
    if (indexes.Text(row, 0) != name || indexes.Text(row, 1) != key) continue;
    const bool unique = indexes.Bool(row, 2);
    if (unique && !indexes.Bool(row, 3)) {
      return Refuse(table, absl::StrCat("its unique key ", table.columns.front().name,
                                        " folds case, but ids that differ only in case are different"));
    }
    layout.unique_key |= unique;
    layout.key_index |= indexes.Bool(row, 3);
  }
  return layout;
}

}  // namespace

absl::StatusOr<std::map<Endpoint, Layout>> ReadLayouts(Connection* connection, const std::string& schema,
                                                       TableNames tables) {
  std::vector<std::string> names;
  for (Endpoint endpoint : kAllEndpoints) names.push_back(TableOf(tables, endpoint).name);
  ASSIGN_OR_RETURN(const Catalogue catalogue, ReadCatalogue(connection, schema, names));
  std::map<Endpoint, Layout> layouts;
  for (Endpoint endpoint : kAllEndpoints) {
    ASSIGN_OR_RETURN(layouts[endpoint], LayoutOf(catalogue, TableOf(tables, endpoint)));
  }
  return layouts;
}

absl::StatusOr<Layout> ReadLayout(Connection* connection, const std::string& schema, const Table& table) {
  ASSIGN_OR_RETURN(const Catalogue catalogue, ReadCatalogue(connection, schema, {table.name}));
  return LayoutOf(catalogue, table);
}

}  // namespace penstock::destinations::postgres
