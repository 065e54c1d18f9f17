// SPDX-License-Identifier: Apache-2.0
#include "destinations/snowflake/layout.h"

#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "destinations/snowflake/dialect.h"
#include "destinations/snowflake/identifier.h"

namespace penstock::destinations::snowflake {
namespace {

struct Found {
  std::string type;  // as the information schema names it, without length and precision
  bool collated = false;
};
using FoundColumns = absl::flat_hash_map<std::string, Found>;  // by name

absl::Status Refuse(const Table& table, absl::string_view what) {
  return absl::FailedPreconditionError(
      absl::StrCat("the existing table ", table.name, " cannot take the rows: ", what,
                   "; rename the table, and Penstock creates and fills its own"));
}

std::optional<Kind> KindOf(const std::string& type) {
  if (type == "TEXT") return Kind::kText;
  if (type == "TIMESTAMP_NTZ") return Kind::kInstantUtc;
  if (type == "TIMESTAMP_TZ") return Kind::kInstantZoned;
  if (type == "TIMESTAMP_LTZ") return Kind::kInstantLocal;
  if (type == "BOOLEAN") return Kind::kBoolean;
  if (type == "VARIANT") return Kind::kVariant;
  if (type == "NUMBER") return Kind::kNumber;
  return std::nullopt;
}

bool IsInstant(Kind kind) {
  return kind == Kind::kInstantUtc || kind == Kind::kInstantZoned || kind == Kind::kInstantLocal;
}

// Whether values of a profile's column stand in a column of that kind as they are.
bool Suits(ColumnType wanted, Kind kind) {
  if (kind == Kind::kText) return true;
  switch (wanted) {
    case ColumnType::kText:
      return false;
    case ColumnType::kTimestamp:
      return IsInstant(kind);
    case ColumnType::kBoolean:
      return kind == Kind::kBoolean;
    case ColumnType::kJson:
      return kind == Kind::kVariant;
  }
  CHECK(false);
}

class LayoutReader {
 public:
  LayoutReader(const Table& table, const FoundColumns& found) : table_(table), found_(found) {}

  absl::Status Read(Layout* layout) {
    layout->exists = true;
    for (const Column& column : table_.columns) {
      RETURN_IF_ERROR(Add(column.name, layout, [&](Kind kind) { return Suits(column.type, kind); }));
    }
    RETURN_IF_ERROR(Add(kExtraColumn, layout, [](Kind kind) { return Suits(ColumnType::kJson, kind); }));
    RETURN_IF_ERROR(Add(kSequenceColumn, layout, [](Kind kind) { return kind == Kind::kNumber; }));
    RETURN_IF_ERROR(Add(kLoadedAtColumn, layout, IsInstant));
    if (!layout->missing.empty()) return absl::OkStatus();
    layout->loaded_at = layout->targets.back().kind;
    layout->targets.pop_back();  // not of the batch
    const auto key = found_.find(table_.columns.front().name);
    if (!key->second.collated) return absl::OkStatus();
    return Refuse(table_, absl::StrCat("its key ", key->first,
                                       " has a collation, but ids that differ only in case are different"));
  }

 private:
  template <typename Predicate>
  absl::Status Add(const std::string& column, Layout* layout, Predicate suits) {
    const auto it = found_.find(column);
    if (it == found_.end()) {
      layout->missing.push_back(column);
      return absl::OkStatus();
    }
    const std::optional<Kind> kind = KindOf(it->second.type);
    if (!kind.has_value() || !suits(*kind)) {
      return Refuse(table_, absl::StrCat(column, " has the type ", it->second.type,
                                         ", which does not hold its values"));
    }
    layout->targets.push_back({QuoteName(column), *kind});
    return absl::OkStatus();
  }

  const Table& table_;
  const FoundColumns& found_;
};

}  // namespace

bool Layouts::nothing() const {
  for (const auto& [endpoint, layout] : tables) {
    if (layout.exists) return false;
  }
  return bookkeeping.empty();
}

absl::StatusOr<Layouts> ReadLayouts(StatementClient* client, const std::string& database,
                                    const std::string& schema, TableNames names) {
  ASSIGN_OR_RETURN(const Rows rows, client->Execute(SelectColumns(database, names), {schema}));
  absl::flat_hash_map<std::string, FoundColumns> found;
  absl::flat_hash_map<std::string, std::string> kinds;
  for (const auto& row : rows) {
    if (row.size() != 5 || !row[0] || !row[1] || !row[2] || !row[3]) {
      return absl::UnavailableError("the information schema answers in another form");
    }
    kinds[*row[0]] = *row[1];
    found[*row[0]][*row[2]] = {*row[3], row[4].has_value()};
  }
  Layouts layouts;
  for (const char* own : {kLoadsTable, kSetAsideTable, kStageTable, kCoverageTable}) {
    if (found.contains(own)) layouts.bookkeeping.insert(own);
  }
  for (Endpoint endpoint : kAllEndpoints) {
    const Table& table = TableOf(names, endpoint);
    Layout& layout = layouts.tables[endpoint];
    const auto columns = found.find(table.name);
    if (columns == found.end()) continue;
    if (kinds[table.name] != "BASE TABLE") return Refuse(table, "it is no ordinary table");
    RETURN_IF_ERROR(LayoutReader(table, columns->second).Read(&layout));
  }
  return layouts;
}

}  // namespace penstock::destinations::snowflake
