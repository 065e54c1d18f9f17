// SPDX-License-Identifier: Apache-2.0
#include "tests/cluster/expected_cells.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/instant.h"
#include "base/status_macros.h"
#include "tests/destinations/sqlite/sqlite_warehouse.h"

namespace penstock {
namespace {

using destinations::Column;
using destinations::ColumnType;

constexpr char kNull[] = "<null>";

// A record's members: name -> text of the value, in the record's order.
std::vector<std::pair<std::string, std::string>> Members(const std::string& record) {
  std::vector<std::pair<std::string, std::string>> members;
  simdjson::ondemand::parser parser;
  const simdjson::padded_string json(record);
  simdjson::ondemand::document document = parser.iterate(json);
  for (auto field : document.get_object()) {
    const std::string name(std::string_view(field.unescaped_key()));
    simdjson::ondemand::value value = field.value();
    std::string_view text;
    const simdjson::ondemand::json_type type = value.type();
    if (type == simdjson::ondemand::json_type::object) {
      text = value.get_object().value().raw_json();
    } else if (type == simdjson::ondemand::json_type::array) {
      text = value.get_array().value().raw_json();
    } else {
      text = value.raw_json_token();
    }
    members.emplace_back(name, std::string(text));
  }
  return members;
}

std::string Unquoted(const std::string& text) {
  if (text.front() != '"') return text;
  simdjson::ondemand::parser parser;
  const simdjson::padded_string json(text);
  simdjson::ondemand::document document = parser.iterate(json);
  return std::string(std::string_view(document.get_string()));
}

std::string CellOf(ColumnType type, const std::string& text) {
  if (text == "null") return kNull;
  switch (type) {
    case ColumnType::kText:
      return Unquoted(text);
    case ColumnType::kTimestamp: {
      const std::optional<absl::Time> time = ParseStamp(Unquoted(text));
      return time.has_value() ? FormatExactStamp(*time) : kNull;
    }
    case ColumnType::kBoolean:
      return text == "true" ? "1" : "0";
    case ColumnType::kJson:
      return text;
  }
  CHECK(false);
}

std::vector<std::string> RowOf(const destinations::Table& table, const std::string& record) {
  const auto members = Members(record);
  std::set<std::string> taken;
  std::vector<std::string> cells;
  for (const Column& column : table.columns) {
    cells.push_back(kNull);
    for (const auto& [name, text] : members) {
      for (const std::string& field : column.fields) {
        if (name != field || !taken.insert(name).second) continue;
        cells.back() = CellOf(column.type, text);
      }
    }
  }
  std::string extra;
  for (const auto& [name, text] : members) {
    if (!taken.contains(name)) absl::StrAppend(&extra, extra.empty() ? "{" : ",", "\"", name, "\":", text);
  }
  cells.push_back(extra.empty() ? kNull : absl::StrCat(extra, "}"));
  return cells;
}

}  // namespace

Cells ExpectedCells(const destinations::Table& table, const Records& records) {
  Cells cells;
  for (const auto& [id, record] : records) cells[id] = RowOf(table, record);
  return cells;
}

Cells SqliteCells(const std::string& file, const destinations::Table& table) {
  std::string columns;
  for (const Column& column : table.columns) absl::StrAppend(&columns, column.name, ",");
  Cells cells;
  for (std::vector<std::string>& row : destinations::QuerySql(
           file, absl::StrCat("SELECT ", columns, destinations::kExtraColumn, " FROM ", table.name))) {
    const std::string id = row.front();
    EXPECT_TRUE(cells.emplace(id, std::move(row)).second) << table.name << " holds " << id << " twice";
  }
  return cells;
}

}  // namespace penstock
