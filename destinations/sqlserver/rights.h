// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "base/config.h"
#include "destinations/sqlserver/connection.h"

namespace penstock::destinations::sqlserver {

// Whether the login may do all that a load does, as things stand, without doing any of it. PERMISSION_DENIED and
// NOT_FOUND name what is missing and the GRANT that helps.
absl::Status CheckRights(Connection* connection, const SqlserverConfig& config, TableNames tables);

}  // namespace penstock::destinations::sqlserver
