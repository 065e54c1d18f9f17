// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "destinations/read_query.h"

namespace penstock::destinations::sqlite {

// Destination::Query on a file, in one read transaction.
absl::Status Read(const std::string& path, absl::Duration busy_timeout, const ReadQuery& query,
                  ReadMeter& meter, const RowSink& sink);

}  // namespace penstock::destinations::sqlite
