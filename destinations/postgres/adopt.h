// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/config.h"
#include "base/found_table.h"
#include "destinations/postgres/connection.h"

namespace penstock::destinations::postgres {

// Destination::Adopt. What is done to one table is done in a transaction, while nobody else writes there.
absl::StatusOr<std::vector<FoundTable>> Adopt(Connection* connection, const std::string& schema,
                                              TableNames tables, const AdoptOptions& options);

}  // namespace penstock::destinations::postgres
