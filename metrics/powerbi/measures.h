// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "metrics/metric.h"
#include "metrics/powerbi/table.h"

namespace penstock::metrics::powerbi {

// A blank group has a name (R5).
std::string OrNone(const std::string& sql);

// Why a metric is no measure; empty: it is one. A measure is sums and counts over rows, and one division: what folds
// rows that differ or ranks the rows of a cell first, or has periods of its own, cannot be one.
std::string WhyNoMeasure(const Metric& metric);

// The table of a metric's facts gets a column for what the metric is broken down by, in place of one of the same name.
void AddBreakdown(const Metric& metric, Table* table);

// And then the measures of its corrected definition, which sum and count columns: where the table has no such column,
// one more, made for it. Which rows count and what counts of them is the entry's SQL, in that column; nothing of it is
// written a second time. CHECKs that it is a measure.
void AddMeasures(const Metric& metric, Table* table);

}  // namespace penstock::metrics::powerbi
