// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "metrics/metric.h"

namespace penstock::metrics {

// docs/metrics/NAME.md, and the list of them, docs/metrics/README.md. A test compares them with what lies there.
std::string MarkdownPage(const Metric& metric);
std::string MarkdownIndex();

}  // namespace penstock::metrics
