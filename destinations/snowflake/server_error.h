// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "base/config.h"
#include "destinations/snowflake/answer.h"

namespace penstock::destinations::snowflake {

// For people: "snowflake://ORG-ACCOUNT/DWH/DATA_API".
std::string Place(const SnowflakeConfig& config);

// What the SQL API refused, as a Status of destination.h's kinds: a sentence that names what is wrong (key, account,
// role, database, schema, warehouse, right) and what to do. `http` is its status code.
absl::Status ServerError(const SnowflakeConfig& config, int http, const Answer& answer);

// Empty: it came from no statement.
std::string ServerCode(const absl::Status& status);
// What the server itself said.
std::string ServerWords(const absl::Status& status);
// Whether one row may be to blame: what is in it does not suit a type or a limit.
bool MayBlameARow(const absl::Status& status);
// A table or column that a statement names is not there (any more), or may not be seen.
bool NamesNothing(const absl::Status& status);

}  // namespace penstock::destinations::snowflake
