// SPDX-License-Identifier: Apache-2.0
#include "destinations/sqlserver/layout.h"

#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "destinations/sqlserver/catalog.h"
#include "destinations/sqlserver/dialect.h"
#include "destinations/sqlserver/sql_text.h"

namespace penstock::destinations::sqlserver {
namespace {

constexpr int64_t kIndexKeyBytes = 1'700;

struct Found {
  std::string name;   // as it is written there
  std::string type;   // without length and precision
  int64_t bytes = 0;  // -1: max
  int64_t scale = 0;
  std::string collation;
  bool computed = false;
};
using FoundColumns = absl::flat_hash_map<std::string, Found>;  // by name in capitals

absl::Status Refuse(const Table& table, absl::string_view what) {
  return absl::FailedPreconditionError(
      absl::StrCat("the existing table ", table.name, " cannot take the rows: ", what,
                   "; rename the table, and Penstock creates and fills its own"));
}

// varchar has the characters of one code page only, unless that is UTF-8.
std::optional<Kind> KindOf(const Found& found) {
  if (found.type == "nvarchar") return Kind::kText;
  if (found.type == "varchar" && absl::EndsWith(found.collation, "_UTF8")) return Kind::kText;
  if (found.type == "datetime2") return Kind::kInstantUtc;
  if (found.type == "datetime") return Kind::kInstantThousandths;
  if (found.type == "datetimeoffset") return Kind::kInstantZoned;
  if (found.type == "bit") return Kind::kBit;
  if (found.type == "bigint") return Kind::kNumber;
  return std::nullopt;
}

std::string TypeText(const Found& found) {
  if (found.type == "nvarchar" || found.type == "varchar") {
    const int64_t characters = found.type == "nvarchar" ? found.bytes / 2 : found.bytes;
    return absl::StrCat(found.type, "(", found.bytes < 0 ? "max" : absl::StrCat(characters), ")");
  }
  if (found.type == "datetime2" || found.type == "datetimeoffset")
    return absl::StrCat(found.type, "(", found.scale, ")");
  return found.type;
}

bool IsInstant(Kind kind) {
  return kind == Kind::kInstantUtc || kind == Kind::kInstantThousandths || kind == Kind::kInstantZoned;
}

// Whether values of a profile's column stand in a column of that kind as they are.
bool Suits(ColumnType wanted, Kind kind) {
  if (kind == Kind::kText) return true;
  return (wanted == ColumnType::kTimestamp && IsInstant(kind)) ||
         (wanted == ColumnType::kBoolean && kind == Kind::kBit);
}

class LayoutReader {
 public:
  LayoutReader(const Table& table, const FoundColumns& found) : table_(table), found_(found) {}

  absl::Status Read(Layout* layout) {
    for (const Column& column : table_.columns) {
      RETURN_IF_ERROR(Add(column.name, layout, [&](Kind kind) { return Suits(column.type, kind); }));
    }
    const std::string& key = table_.columns.front().name;
    if (!layout->missing.empty() && layout->missing.front() == key)
      return Refuse(table_, absl::StrCat("it has no column ", key, ", which is the key"));
    const int64_t bytes = found_.at(key).bytes;
    layout->indexable = bytes >= 0 && bytes <= kIndexKeyBytes;
    RETURN_IF_ERROR(Add(kExtraColumn, layout, [](Kind kind) { return Suits(ColumnType::kJson, kind); }));
    RETURN_IF_ERROR(Add(kSequenceColumn, layout, [](Kind kind) { return kind == Kind::kNumber; }));
    RETURN_IF_ERROR(Add(kLoadedAtColumn, layout, IsInstant));
    if (layout->missing.empty()) layout->targets.pop_back();  // not of the batch
    return absl::OkStatus();
  }

 private:
  template <typename Predicate>
  absl::Status Add(const std::string& column, Layout* layout, Predicate suits) {
    const auto it = found_.find(column);
    if (it == found_.end()) {
      layout->missing.push_back(column);
      return absl::OkStatus();
    }
    if (it->second.computed) return Refuse(table_, absl::StrCat(column, " is a computed column"));
    const std::optional<Kind> kind = KindOf(it->second);
    if (!kind.has_value() || !suits(*kind)) {
      return Refuse(table_, absl::StrCat(column, " has the type ", it->second.type,
                                         ", which does not hold its values"));
    }
    layout->targets.push_back(
        {QuoteName(it->second.name), TypeText(it->second), it->second.collation, *kind});
    return absl::OkStatus();
  }

  const Table& table_;
  const FoundColumns& found_;
};

// The indexes over the key, by its first column.
absl::Status ReadIndexes(const Result& indexes, const Table& table, const FoundColumns& found,
                         Layout* layout) {
  const std::string& key = table.columns.front().name;
  const std::string& collation = found.at(key).collation;
  for (size_t row = 0; row < indexes.rows.size(); ++row) {
    if (absl::AsciiStrToUpper(indexes.Text(row, 0)) != table.name ||
        absl::AsciiStrToUpper(indexes.Text(row, 1)) != key) {
      continue;
    }
    const bool unique = indexes.Int(row, 2) != 0 && indexes.Int(row, 3) == 1;
    // Only a binary collation tells all ids apart.
    if (unique && !absl::StrContains(absl::AsciiStrToUpper(collation), "_BIN")) {
      return Refuse(table, absl::StrCat("its unique key ", key, " has the collation ", collation,
                                        ", but ids that differ only in case are different"));
    }
    layout->unique_key |= unique;
    layout->key_index = true;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Layouts> ReadLayouts(Connection* connection, const std::string& schema, TableNames names) {
  ASSIGN_OR_RETURN(const Result columns, connection->Query(SelectColumns(schema, names)));
  ASSIGN_OR_RETURN(const Result indexes, connection->Query(SelectIndexes(schema, names)));
  absl::flat_hash_map<std::string, FoundColumns> found;
  absl::flat_hash_map<std::string, std::string> kinds;
  for (size_t row = 0; row < columns.rows.size(); ++row) {
    const std::string table = absl::AsciiStrToUpper(columns.Text(row, 0));
    kinds[table] = std::string(absl::StripAsciiWhitespace(columns.Text(row, 1)));
    found[table][absl::AsciiStrToUpper(columns.Text(row, 2))] = {
        columns.Text(row, 2), columns.Text(row, 3), columns.Int(row, 4),
        columns.Int(row, 5),  columns.Text(row, 6), columns.Int(row, 7) != 0};
  }
  Layouts layouts;
  for (const char* own : {kLoadsTable, kSetAsideTable, kCoverageTable}) {
    if (found.contains(own)) layouts.bookkeeping.insert(own);
  }
  for (Endpoint endpoint : kAllEndpoints) {
    const Table& table = TableOf(names, endpoint);
    Layout& layout = layouts.tables[endpoint];
    const auto of_table = found.find(table.name);
    if (of_table == found.end()) continue;
    if (kinds[table.name] != "U") return Refuse(table, "it is no ordinary table");
    layout.exists = true;
    RETURN_IF_ERROR(LayoutReader(table, of_table->second).Read(&layout));
    RETURN_IF_ERROR(ReadIndexes(indexes, table, of_table->second, &layout));
  }
  return layouts;
}

}  // namespace penstock::destinations::sqlserver
