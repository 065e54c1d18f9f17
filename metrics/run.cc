// SPDX-License-Identifier: Apache-2.0
#include "metrics/run.h"

#include <cstddef>
#include <iterator>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "metrics/compose.h"

namespace penstock::metrics {

absl::StatusOr<Answer> Compute(const Request& request, const Dialect& dialect, const RunStatements& run,
                               absl::Time now) {
  const Statement cells = CellsSql(request, dialect);
  const std::string unattributed = UnattributedSql(request, dialect).sql;
  const std::string undated = UndatedSql(request, dialect).sql;
  std::vector<std::string> statements = {cells.sql, CoverageSql(dialect).sql};
  if (!unattributed.empty()) statements.push_back(unattributed);
  if (!undated.empty()) statements.push_back(undated);
  ASSIGN_OR_RETURN(std::vector<TextRows> rows, run(statements));
  if (rows.size() != statements.size()) {
    return absl::InternalError(absl::StrCat(rows.size(), " answers to ", statements.size(), " statements"));
  }
  Found found;
  found.cells = std::move(rows[0]);
  found.coverage = ReadCoverage(rows[1]);
  if (!unattributed.empty()) found.unattributed = std::move(rows[2]);
  if (!undated.empty()) found.undated = std::move(rows.back());
  return MakeAnswer(request, cells, found, now);
}

absl::StatusOr<CountedRows> FindRows(const Request& request, const Dialect& dialect, const RunStatements& run,
                                     uint32_t limit) {
  const Statement statement = RowsSql(request, dialect, limit + 1);
  ASSIGN_OR_RETURN(std::vector<TextRows> answers, run({statement.sql}));
  if (answers.size() != 1)
    return absl::InternalError(absl::StrCat(answers.size(), " answers to 1 statement"));
  CountedRows found;
  if (!request.metric->breakdown.name.empty()) found.groups.push_back(request.metric->breakdown.name);
  if (!request.group.empty()) found.groups.push_back(request.group);
  found.columns = RowColumns(request.definition().facts);
  found.timed = !request.metric->own_period;
  for (auto& cells : answers[0]) {
    if (cells.size() != statement.columns.size()) {
      return absl::InternalError(absl::StrCat("a row of ", cells.size(), " values where ",
                                              statement.columns.size(), " were expected"));
    }
    if (found.rows.size() == limit) {
      found.more = true;
      break;
    }
    CountedRows::Row& row = found.rows.emplace_back();
    auto cell = cells.begin();
    row.period = cell++->value_or("");
    while (row.groups.size() < found.groups.size()) row.groups.push_back(cell++->value_or(""));
    // A metric that is shared out by plugin has a column for it, which nobody asked for.
    cell = cells.begin() + static_cast<std::ptrdiff_t>(statement.cell);
    row.id = cell++->value_or("");
    if (found.timed) {
      double created = 0;
      if (!cell->has_value() || !absl::SimpleAtod(**cell, &created)) {
        return absl::InternalError(absl::StrCat("row ", row.id, " has no time"));
      }
      row.created = absl::FromUnixMillis(static_cast<int64_t>(created));
      ++cell;
    }
    row.values.assign(std::make_move_iterator(cell), std::make_move_iterator(cells.end()));
  }
  return found;
}

}  // namespace penstock::metrics
