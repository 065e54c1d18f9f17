// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace penstock::metrics::powerbi {

// One aggregate over the rows that count: "COUNT(DISTINCT user_id)".
struct Aggregate {
  enum class How {
    kRows,      // COUNT(*)
    kPresent,   // COUNT(x): how often x is not NULL
    kDistinct,  // COUNT(DISTINCT x)
    kSum,       // SUM(x)
  };
  How how = How::kRows;
  std::string of = {};  // x, SQL
};

// The numerator or denominator of a definition (metric.h): one aggregate, or several with + between them. Strict, and
// blind to what stands in their brackets, which stays the warehouse's. INVALID_ARGUMENT: it is anything else.
absl::StatusOr<std::vector<Aggregate>> ReadAggregates(absl::string_view sql);

}  // namespace penstock::metrics::powerbi
