// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cli/metrics_ask.h"
#include "metrics/metric.h"

namespace penstock::cli {

// A metric by one of its definitions, as it was answered.
struct Numbers {
  const metrics::Metric* metric = nullptr;
  bool guide = false;
  QueryTable table;
};

// One or both definitions of one metric, over the same time.
//
// For people: at most `width` columns, with bars where there is room and `bars` wants them. What does not fit is left
// out and named.
std::string NumbersText(const std::vector<Numbers>& all, size_t width, bool bars);
// A JSON array with an object for each definition, whose rows have the answer's columns as keys. The shape is a promise
// to scripts.
std::string NumbersJson(const std::vector<Numbers>& all);
// The same as CSV (RFC 4180): metric, definition, then the columns of any of them; null is empty.
std::string NumbersCsv(const std::vector<Numbers>& all);

// "95.5 %", "9.558 s", "1,021,500"; "-" for none.
std::string ValueWords(metrics::Unit unit, const v1::QueryValue& value);
// "169 / 177"; empty for a count.
std::string PartsWords(metrics::Unit unit, const QueryTable& table, const v1::QueryRow& row);
// "2026-03-01 to 2026-04-01, by week, Europe/Berlin".
std::string TimeWords(const v1::QueryHeader& header);

}  // namespace penstock::cli
