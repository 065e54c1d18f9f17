// SPDX-License-Identifier: Apache-2.0
#include "cli/query_cells.h"

#include <charconv>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "base/json_text.h"

namespace penstock::cli {
namespace {

std::string Exact(double number) {
  char text[40];
  const std::to_chars_result end = std::to_chars(text, text + sizeof(text), number);
  return std::string(text, end.ptr);
}

// `quote` makes text of either form.
template <typename Quote>
std::string Scripted(const v1::QueryValue& value, const std::string& null, Quote quote) {
  switch (value.value_case()) {
    case v1::QueryValue::kText:
      return quote(value.text());
    case v1::QueryValue::kInteger:
      return absl::StrCat(value.integer());
    case v1::QueryValue::kNumber:
      return Exact(value.number());
    case v1::QueryValue::kFlag:
      return value.flag() ? "true" : "false";
    case v1::QueryValue::VALUE_NOT_SET:
      return null;
  }
  return null;
}

}  // namespace

std::string CsvField(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

std::string CsvCell(const v1::QueryValue& value) { return Scripted(value, "", CsvField); }

std::string JsonCell(const v1::QueryValue& value) {
  return Scripted(value, "null", [](const std::string& text) { return QuoteJson(text); });
}

std::string JsonObject(const v1::QueryHeader& header, const v1::QueryRow& row) {
  std::vector<std::string> cells;
  for (int i = 0; i < row.values_size(); ++i) {
    cells.push_back(absl::StrCat(QuoteJson(header.columns(i).name()), ":", JsonCell(row.values(i))));
  }
  return absl::StrCat("{", absl::StrJoin(cells, ","), "}");
}

}  // namespace penstock::cli
