// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "metrics/request.h"
#include "tests/metrics/loops.h"
#include "tests/metrics/metrics_warehouse.h"

namespace penstock::metrics {

// What a comparison asks for: a time, its periods, and parameters under both their names.
struct Setting {
  std::string from;
  std::string to;
  std::string zone = "UTC";
  std::string by = "day";
  std::map<std::string, std::string> parameters = {};  // for the product; those that a metric has
  Settings loops = {};                                 // the same for the loops
};

// Every metric, by both definitions and by each of `groups` that it knows, equals the loops in every cell.
void ExpectAgreement(MetricsWarehouse& warehouse, const PlainRecords& records, const Setting& setting,
                     const std::vector<std::string>& groups);

}  // namespace penstock::metrics
