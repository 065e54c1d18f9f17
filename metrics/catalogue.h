// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "metrics/metric.h"

namespace penstock::metrics {

// In the order of the vendor's guide.
const std::vector<Metric>& AllMetrics();
// INVALID_ARGUMENT names the nearest one.
absl::StatusOr<const Metric*> FindMetric(absl::string_view name);

}  // namespace penstock::metrics
