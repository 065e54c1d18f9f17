// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "metrics/dialect.h"
#include "metrics/kept.h"
#include "metrics/request.h"

namespace penstock::metrics {

// One statement that only reads: a WITH clause of the relations that it needs, and a SELECT.
struct Statement {
  std::string sql;
  std::vector<std::string> columns;  // of its rows
  size_t cell = 0;                   // so many of them name the cell: the period, then its groups
  bool kept = false;                 // it reads kept facts and the roster only
};

// A row for each cell that has rows: period, groups, numerator, denominator (of a ratio), then what stands beside.
Statement CellsSql(const Request& request, const Dialect& dialect, const KeptFacts& kept = {});
// period, groups, count of signals that R6 finds no row for; empty when R6 takes no part. Groups that a signal does not
// know are left out: by plugin, or by what the metric itself is broken down by.
Statement UnattributedSql(const Request& request, const Dialect& dialect, const KeptFacts& kept = {});
// One number: rows that could count but have no time. Empty when they have no time of their own.
Statement UndatedSql(const Request& request, const Dialect& dialect, const KeptFacts& kept = {});
// The rows that count, the newest first, at most `limit` of them: period, groups, id, created_ms (of those that have
// a time), then what is shown of each (row_columns.h). Where there are periods, the total is left out.
Statement RowsSql(const Request& request, const Dialect& dialect, uint32_t limit);
// endpoint, day, state: what PENSTOCK_COVERAGE says.
Statement CoverageSql(const Dialect& dialect);

// The relation whose rows a definition counts one by one.
const std::string& RowsOf(const Definition& definition);

// Whether the calls' plugins are told apart although nobody asked for it, to share out those without feedback.
bool SharesOut(const Request& request);

}  // namespace penstock::metrics
