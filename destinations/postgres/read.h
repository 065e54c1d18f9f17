// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "destinations/postgres/connection.h"
#include "destinations/read_query.h"

namespace penstock::destinations::postgres {

// Destination::Query on a session: one READ ONLY transaction in one snapshot, which the server ends when its time is
// over.
absl::Status Read(Connection* connection, const ReadQuery& query, ReadMeter& meter, const RowSink& sink);

}  // namespace penstock::destinations::postgres
