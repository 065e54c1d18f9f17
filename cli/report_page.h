// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/metrics_ask.h"
#include "metrics/metric.h"

namespace penstock::cli {

// A metric of the report.
struct ReportEntry {
  const metrics::Metric* metric = nullptr;
  absl::StatusOr<QueryTable> corrected = QueryTable();  // not OK: why it could not be computed
  absl::StatusOr<QueryTable> guide = QueryTable();
  std::optional<QueryTable> texts;  // what people wrote, where it was asked for
};

// One page with a chart and a table for each metric: no script, nothing from the network, light and dark as the
// reader's screen is, readable on a phone and on paper. `destination` is for people.
std::string ReportPage(const std::string& destination, const std::vector<ReportEntry>& entries);

}  // namespace penstock::cli
