// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "metrics/metric.h"

namespace penstock::cli {

// All metrics, a line each, for a terminal; as JSON an array of the same.
std::string MetricList(size_t width);
std::string MetricListJson();

// What a metric is by both definitions, how they differ, what they give on the published samples, and what can be set.
std::string MetricPage(const metrics::Metric& metric, size_t width);
std::string MetricPageJson(const metrics::Metric& metric);

}  // namespace penstock::cli
