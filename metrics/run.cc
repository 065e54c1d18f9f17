// SPDX-License-Identifier: Apache-2.0
#include "metrics/run.h"

#include <cstddef>
#include <iterator>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "metrics/compose.h"
#include "metrics/kept.h"

namespace penstock::metrics {
namespace {

// What a metric asks a destination, in this order.
struct Asked {
  Statement cells;
  Statement unattributed;
  Statement undated;

  Asked(const Request& request, const Dialect& dialect, const KeptFacts& kept)
      : cells(CellsSql(request, dialect, kept)),
        unattributed(UnattributedSql(request, dialect, kept)),
        undated(UndatedSql(request, dialect, kept)) {}

  // All of them are answered by kept facts.
  bool kept() const {
    return cells.kept && (unattributed.sql.empty() || unattributed.kept) &&
           (undated.sql.empty() || undated.kept);
  }
  std::vector<std::string> Statements(const Dialect& dialect) const {
    std::vector<std::string> all = {cells.sql, CoverageSql(dialect).sql};
    for (const Statement* each : {&unattributed, &undated}) {
      if (!each->sql.empty()) all.push_back(each->sql);
    }
    return all;
  }
};

absl::StatusOr<std::vector<TextRows>> Run(const RunStatements& run,
                                          const std::vector<std::string>& statements) {
  ASSIGN_OR_RETURN(std::vector<TextRows> rows, run(statements));
  if (rows.size() == statements.size()) return rows;
  return absl::InternalError(absl::StrCat(rows.size(), " answers to ", statements.size(), " statements"));
}

// Nothing is kept where the table of kept facts is not, or where this role may not read it.
absl::StatusOr<KeptFacts> LookForKept(const Dialect& dialect, const RunStatements& run) {
  if (!dialect.KeepsFacts()) return KeptFacts();
  const absl::StatusOr<std::vector<TextRows>> rows = Run(run, {KeptSql(dialect)});
  if (absl::IsNotFound(rows.status()) || absl::IsPermissionDenied(rows.status())) return KeptFacts();
  RETURN_IF_ERROR(rows.status());
  return ReadKept(rows->front());
}

// The rows of kept facts; none when these no longer are, in the snapshot that was read, what they were.
absl::StatusOr<std::vector<TextRows>> ReadFromKept(const Asked& asked, const KeptFacts& kept,
                                                   const Dialect& dialect, const RunStatements& run) {
  std::vector<std::string> statements = asked.Statements(dialect);
  statements.push_back(KeptSql(dialect));
  absl::StatusOr<std::vector<TextRows>> rows = Run(run, statements);
  if (absl::IsNotFound(rows.status())) return std::vector<TextRows>();
  RETURN_IF_ERROR(rows.status());
  const KeptFacts now = ReadKept(rows->back());
  if (!now.current || now.made_by != kept.made_by) return std::vector<TextRows>();
  rows->pop_back();
  return rows;
}

// Of rows, and not of the roster alone, which is small and never kept.
bool CountsRows(const Metric& metric) { return metric.reads != std::vector<Endpoint>{Endpoint::kUsers}; }

absl::StatusOr<Answer> PutTogether(const Request& request, const Asked& asked, std::vector<TextRows> rows,
                                   absl::Time now) {
  Found found;
  found.cells = std::move(rows[0]);
  found.coverage = ReadCoverage(rows[1]);
  if (!asked.unattributed.sql.empty()) found.unattributed = std::move(rows[2]);
  if (!asked.undated.sql.empty()) found.undated = std::move(rows.back());
  return MakeAnswer(request, asked.cells, found, now);
}

}  // namespace

absl::StatusOr<Answer> Compute(const Request& request, const Dialect& dialect, const RunStatements& run,
                               absl::Time now) {
  ASSIGN_OR_RETURN(const KeptFacts kept, LookForKept(dialect, run));
  if (kept.there) {
    const Asked asked(request, dialect, kept);
    if (asked.kept()) {
      ASSIGN_OR_RETURN(std::vector<TextRows> rows, ReadFromKept(asked, kept, dialect, run));
      if (!rows.empty()) return PutTogether(request, asked, std::move(rows), now);
    }
  }
  const Asked asked(request, dialect, {});
  ASSIGN_OR_RETURN(std::vector<TextRows> rows, Run(run, asked.Statements(dialect)));
  ASSIGN_OR_RETURN(Answer answer, PutTogether(request, asked, std::move(rows), now));
  if (kept.there && CountsRows(*request.metric)) {
    answer.warnings.push_back(
        kept.current
            ? "computed from the tables: facts are kept for other settings"
            : "computed from the tables: the kept facts are of an earlier load; `penstock metrics install "
              "--kept` makes them new");
  }
  return answer;
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
  found.columns = RowColumns(RowsOf(request.definition()));
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
