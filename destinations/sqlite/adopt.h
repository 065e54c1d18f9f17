// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "base/config.h"
#include "base/found_table.h"
#include "destinations/sqlite/connection.h"

namespace penstock::destinations::sqlite {

// Destination::Adopt. What is done to one table is done in a transaction.
absl::StatusOr<std::vector<FoundTable>> Adopt(Connection* connection, TableNames tables,
                                              const AdoptOptions& options);

}  // namespace penstock::destinations::sqlite
