// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace penstock::cli {

// One point of a chart.
struct ChartPoint {
  std::string label;
  std::optional<double> value;  // none: there is none, which is not 0
  std::string words;            // the value as people read it
  bool provisional = false;
};

// Text that is safe between tags and in attributes.
std::string Html(absl::string_view text);

// Drawings as SVG that take their colours from the page (report_page.cc) and are as wide as they may be. `most`: what
// the axis reaches at least.
//
// Values along the time, a line with a dot for each; provisional ones are hollow.
std::string LineChart(const std::vector<ChartPoint>& points, double most);
// A bar for each, with its label above it.
std::string BarChart(const std::vector<ChartPoint>& points, double most);

}  // namespace penstock::cli
