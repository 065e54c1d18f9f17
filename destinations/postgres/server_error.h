// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/config.h"

namespace penstock::destinations::postgres {

// For people: "postgresql://penstock@db:5432/dwh". Never with a password.
std::string Place(const PostgresConfig& config);

// What libpq said when it did not connect, as a Status of destination.h's kinds: a sentence that names what is
// wrong (host, role, password, database, certificate) and what to do. `message` must be in libpq's VERBOSE
// form: the SQLSTATE in it does not depend on the server's language.
absl::Status ConnectError(const PostgresConfig& config, absl::string_view message);

// An error of a statement, by its SQLSTATE, which stays with the Status (SqlState).
absl::Status StatementError(const PostgresConfig& config, absl::string_view sql_state,
                            absl::string_view message);

// Empty: the error came from no statement.
std::string SqlState(const absl::Status& status);
// What the server itself said.
std::string ServerWords(const absl::Status& status);
// Whether one row may be to blame: what is in it does not suit a type, a limit, a constraint or a trigger.
bool MayBlameARow(const absl::Status& status);

}  // namespace penstock::destinations::postgres
