// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "destinations/postgres/connection.h"
#include "destinations/read_query.h"

namespace penstock::destinations::postgres {

// Destination::KeepFacts in a schema.
absl::Status Keep(Connection* connection, const std::string& schema, const ReadQuery& query,
                  ReadMeter& meter);

// Drops all kept facts, in the transaction that has begun.
absl::Status DropFacts(Connection* connection, const std::string& schema);

}  // namespace penstock::destinations::postgres
