// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/config.h"

namespace penstock::destinations::sqlserver {

// One record of what ODBC tells of a failure.
struct Diagnostic {
  std::string sql_state;
  int native = 0;  // the server's own number; 0: the driver, or unixODBC, speaks
  std::string message;
};

// For people: "sqlserver://penstock@db/dwh". Never with a password.
std::string Place(const SqlserverConfig& config);

// As a Status of destination.h's kinds: a sentence that names what is wrong (host, login, password, database, schema,
// right, certificate, driver) and what to do.
absl::Status ServerError(const SqlserverConfig& config, const std::vector<Diagnostic>& diagnostics);

// The number of the error; 0: it came from no server.
int NativeError(const absl::Status& status);
std::string SqlState(const absl::Status& status);
// What the server itself said.
std::string ServerWords(const absl::Status& status);
// Met by another session just then: the same transaction, begun again, may well come through.
bool IsTransient(const absl::Status& status);
// Whether one row may be to blame: what is in it does not suit a type, a limit, a constraint or a trigger.
bool MayBlameARow(const absl::Status& status);

}  // namespace penstock::destinations::sqlserver
