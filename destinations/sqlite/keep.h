// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "destinations/read_query.h"
#include "destinations/sqlite/connection.h"

namespace penstock::destinations::sqlite {

// Destination::KeepFacts on a file, which nobody else writes meanwhile.
absl::Status Keep(const std::string& path, absl::Duration busy_timeout, const ReadQuery& query,
                  ReadMeter& meter);

// Drops all kept facts, in the transaction that has begun.
absl::Status DropFacts(Connection* connection);

}  // namespace penstock::destinations::sqlite
