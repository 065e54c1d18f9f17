// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "base/config.h"
#include "destinations/snowflake/layout.h"
#include "destinations/snowflake/statement_client.h"

namespace penstock::destinations::snowflake {

// Whether the role may do all that a load does to the tables that are there: PERMISSION_DENIED names the first
// right that it lacks, and what the owner types to give it. The statements are compiled and not run.
absl::Status CheckRights(StatementClient* client, const SnowflakeConfig& config, TableNames tables,
                         const Layouts& layouts);

}  // namespace penstock::destinations::snowflake
