// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/endpoint.h"
#include "metrics/compose.h"
#include "metrics/request.h"

namespace penstock::metrics {

// A warehouse's rows, as text; nullopt is NULL.
using TextRows = std::vector<std::vector<std::optional<std::string>>>;

// R8: one line of an answer.
struct Cell {
  std::string period;
  std::vector<std::string> groups;  // one for each of Answer::groups
  std::optional<double> value;      // of a ratio without a denominator: none (R7)
  double numerator = 0;
  std::optional<double> denominator;  // none: a count
  bool provisional = false;
  std::optional<int64_t> unattributed;              // none: R6 takes no part here
  std::vector<std::optional<int64_t>> beside = {};  // one for each of Answer::beside
};

struct Answer {
  std::vector<std::string> groups;
  std::vector<std::string> beside;
  std::vector<Cell> cells;  // periods in order, then the total; within one the groups in order
  std::vector<std::string>
      warnings;  // sentences: what was left out, what changed at the source within the time
};

// What is known of the days in the warehouse: endpoint, day and state as text.
struct Coverage {
  std::map<Endpoint, std::set<int64_t>> settled;  // days since 1970, UTC
  std::optional<int64_t> roster;                  // the day of the last full reading of users
};
Coverage ReadCoverage(const TextRows& rows);

// What the warehouse gave for the statements of compose.h.
struct Found {
  TextRows cells;
  TextRows unattributed = {};
  TextRows undated = {};
  Coverage coverage = {};
};

// All of it put together: periods without rows are there, the one division is made (R7), what is not final is marked
// (R3), only the `top` groups are left. INTERNAL: the rows are not those of the statement.
absl::StatusOr<Answer> MakeAnswer(const Request& request, const Statement& cells, const Found& found,
                                  absl::Time now);

}  // namespace penstock::metrics
