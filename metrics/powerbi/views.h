// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "metrics/dialect.h"
#include "metrics/parameters.h"

namespace penstock::metrics::powerbi {

// The tables of the semantic model as views, over those of metrics/views.h: BI_FREE_TEXT has the columns of its
// table, with the day of each row in the time zone, so that nothing is left to compute but sums and counts. Rows
// without a time are left out, as metrics leave them out. Statements in the order in which they are to run; repeatable.
// `own`: as in ViewStatements.
std::vector<std::string> BiViewStatements(const Dialect& dialect, const absl::TimeZone& zone,
                                          const Values& own = {});
// In the same order: "BI_FREE_TEXT".
std::vector<std::string> BiViewNames();
std::string BiViewName(const std::string& relation);

// The day, in whole days since 1970, that it is in the zone at `millis`. The zone's clock changes stand in it as
// numbers (absl::TimeZone's, like those of frame.h): no system is asked what it knows of time zones. From 2015 to 2040;
// what lies before or behind has the offset at that end.
std::string LocalDay(const Dialect& dialect, const std::string& millis, const absl::TimeZone& zone);

}  // namespace penstock::metrics::powerbi
