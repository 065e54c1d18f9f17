// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "base/config.h"

namespace penstock::destinations {

// What whoever administers the database runs, once or again: database and schema, every table with what its columns
// mean, keys, the rights of the loader that `config` names and of `reader`, a role for those who only read. Needs no
// connection and holds no secret. In the form that the system's own shell takes (psql, sqlite3, sqlcmd).
// FAILED_PRECONDITION: not known for this system.
absl::StatusOr<std::string> Ddl(const DestinationConfig& config, const std::string& reader);

}  // namespace penstock::destinations
