// SPDX-License-Identifier: Apache-2.0
#include "cli/metrics_rows.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "cli/query_cells.h"
#include "cli/terminal.h"
#include "metrics/frame.h"

namespace penstock::cli {
namespace {

// Of a free text as much as a person reads to know it again.
constexpr size_t kTextColumns = 60;

std::string Words(const v1::QueryValue& value) {
  if (value.value_case() != v1::QueryValue::kText) return CsvCell(value);
  const std::string text = Printable(value.text());
  return Columns(text) > kTextColumns ? absl::StrCat(Cut(text, kTextColumns), "...") : text;
}

}  // namespace

std::string RowsText(const QueryTable& table, size_t width) {
  std::string text;
  for (const v1::QueryRow& row : table.rows) {
    std::string first;
    std::vector<std::string> rest;
    for (int i = 0; i < row.values_size(); ++i) {
      const v1::QueryColumn& column = table.header.columns(i);
      const v1::QueryValue& value = row.values(i);
      if (value.value_case() == v1::QueryValue::VALUE_NOT_SET) continue;
      const bool leads = column.kind() != v1::QueryColumn::KIND_UNSPECIFIED || column.name() == "id" ||
                         column.name() == "created";
      // Where nobody asked for periods every row is of the same one.
      if (column.kind() == v1::QueryColumn::PERIOD && value.text() == metrics::kTotal) continue;
      if (leads) {
        absl::StrAppend(&first, first.empty() ? "" : " ", Words(value));
      } else {
        rest.push_back(absl::StrCat(absl::StrReplaceAll(column.name(), {{"_", " "}}), " ", Words(value)));
      }
    }
    absl::StrAppend(&text, Wrap(first, width, 2), "\n");
    if (!rest.empty()) absl::StrAppend(&text, "  ", Wrap(absl::StrJoin(rest, ", "), width - 2, 2), "\n");
  }
  return text;
}

std::string RowsJson(const QueryTable& table) {
  std::string text;
  for (const v1::QueryRow& row : table.rows) absl::StrAppend(&text, JsonObject(table.header, row), "\n");
  return text;
}

std::string RowsCsv(const QueryTable& table) {
  std::vector<std::string> names;
  for (const v1::QueryColumn& column : table.header.columns()) names.push_back(CsvField(column.name()));
  std::string text = absl::StrCat(absl::StrJoin(names, ","), "\r\n");
  for (const v1::QueryRow& row : table.rows) {
    std::vector<std::string> cells;
    for (const v1::QueryValue& value : row.values()) cells.push_back(CsvCell(value));
    absl::StrAppend(&text, absl::StrJoin(cells, ","), "\r\n");
  }
  return text;
}

}  // namespace penstock::cli
