// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "base/config.h"
#include "destinations/postgres/connection.h"

namespace penstock::destinations::postgres {

// Whether the role may do all that a load does: PERMISSION_DENIED names the first right that it lacks, and what
// the owner types to give it; NOT_FOUND: there is no schema and the role may not make it; UNAVAILABLE: the server
// only reads; FAILED_PRECONDITION as ReadLayouts.
absl::Status CheckRights(Connection* connection, const PostgresConfig& config, TableNames tables);

}  // namespace penstock::destinations::postgres
