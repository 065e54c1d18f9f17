// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace penstock::destinations::snowflake {

// The body of an answer of the SQL API, ResultSet and QueryStatus alike:
// https://docs.snowflake.com/en/developer-guide/sql-api/reference
struct Answer {
  std::string code;  // "090001", "002003"
  std::string sql_state;
  std::string message;
  std::string handle;
  std::vector<std::string> handles;  // of a request's single statements, in order
  std::vector<std::vector<std::optional<std::string>>> rows;
  size_t partitions = 0;  // of the rows; `rows` holds one
};

// INVALID_ARGUMENT: it is no such body.
absl::StatusOr<Answer> ParseAnswer(absl::string_view body);

}  // namespace penstock::destinations::snowflake
