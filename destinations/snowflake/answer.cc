// SPDX-License-Identifier: Apache-2.0
#include "destinations/snowflake/answer.h"

#include <simdjson.h>

#include <string_view>

#include "absl/strings/str_cat.h"

namespace penstock::destinations::snowflake {
namespace {

using simdjson::dom::element;

std::string Text(const element& object, std::string_view name) {
  std::string_view text;
  return object[name].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

std::optional<std::string> Cell(const element& value) {
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) return std::string(text);
  if (value.is_null()) return std::nullopt;
  return simdjson::minify(value);  // the format says text only; a number is told as it stands
}

}  // namespace

absl::StatusOr<Answer> ParseAnswer(absl::string_view body) {
  simdjson::dom::parser parser;
  element root;
  simdjson::dom::object object;
  if (parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS ||
      root.get(object) != simdjson::SUCCESS) {
    return absl::InvalidArgumentError("the answer is not what the SQL API sends");
  }
  Answer answer;
  answer.code = Text(root, "code");
  answer.sql_state = Text(root, "sqlState");
  answer.message = Text(root, "message");
  answer.handle = Text(root, "statementHandle");
  simdjson::dom::array list;
  if (root["statementHandles"].get(list) == simdjson::SUCCESS) {
    for (const element handle : list) answer.handles.push_back(Cell(handle).value_or(""));
  }
  if (root["resultSetMetaData"]["partitionInfo"].get(list) == simdjson::SUCCESS) {
    answer.partitions = list.size();
  }
  if (root["data"].get(list) != simdjson::SUCCESS) return answer;
  for (const element row : list) {
    simdjson::dom::array cells;
    if (row.get(cells) != simdjson::SUCCESS) {
      return absl::InvalidArgumentError("the answer's data are not rows");
    }
    answer.rows.emplace_back();
    for (const element cell : cells) answer.rows.back().push_back(Cell(cell));
  }
  return answer;
}

}  // namespace penstock::destinations::snowflake
