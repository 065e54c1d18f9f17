// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "metrics/answer.h"
#include "metrics/dialect.h"
#include "metrics/request.h"
#include "metrics/row_columns.h"

namespace penstock::metrics {

// Runs statements that only read, one after the other, and gives each one's rows. An answer is only whole when all see
// the same tables: in one snapshot, where the system has one.
using RunStatements =
    std::function<absl::StatusOr<std::vector<TextRows>>(const std::vector<std::string>& statements)>;

// A metric, computed: its statements (compose.h) run by `run`, and put together (answer.h). Of kept facts (kept.h)
// where there are any that fit; where there are some and they do not, a warning says that the tables were asked.
absl::StatusOr<Answer> Compute(const Request& request, const Dialect& dialect, const RunStatements& run,
                               absl::Time now);

// The rows that a metric counts, and what tells why.
struct CountedRows {
  std::vector<std::string> groups;
  std::vector<RowColumn> columns;
  bool timed = true;
  struct Row {
    std::string period;
    std::vector<std::string> groups;
    std::string id;
    absl::Time created;                              // when `timed`
    std::vector<std::optional<std::string>> values;  // one for each of `columns`
  };
  std::vector<Row> rows;  // the newest first
  bool more = false;      // there are others beyond the limit
};
absl::StatusOr<CountedRows> FindRows(const Request& request, const Dialect& dialect, const RunStatements& run,
                                     uint32_t limit);

}  // namespace penstock::metrics
