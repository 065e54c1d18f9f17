// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cli/metrics_ask.h"

namespace penstock::cli {

// The rows that a metric counts.
//
// For people: a paragraph for each, at most `width` columns.
std::string RowsText(const QueryTable& table, size_t width);
// An object for each row, a line each.
std::string RowsJson(const QueryTable& table);
// RFC 4180, with a heading; null is empty.
std::string RowsCsv(const QueryTable& table);

}  // namespace penstock::cli
