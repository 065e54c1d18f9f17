// SPDX-License-Identifier: Apache-2.0
#include "metrics/powerbi/measures.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"
#include "metrics/powerbi/aggregate.h"
#include "metrics/request.h"

namespace penstock::metrics::powerbi {
namespace {

bool HasWord(const std::string& sql, const std::string& word) {
  const std::vector<std::string> words = absl::StrSplit(sql, absl::ByAnyChar(" (),+*-<>="));
  return std::count(words.begin(), words.end(), word) > 0;
}

// Of the columns beside, what looks at the places of rows in a cell is left out: a median is no sum.
bool IsRanked(const Definition& definition, const std::string& sql) {
  return std::any_of(definition.ranks.begin(), definition.ranks.end(),
                     [&](const NamedSql& rank) { return HasWord(sql, rank.name); });
}

// Whether it folds only rows that are equal, to count them faster.
bool CountsEquals(const Definition& definition) {
  return !definition.per_values.empty() &&
         std::all_of(definition.per_values.begin(), definition.per_values.end(),
                     [](const NamedSql& value) { return value.sql == "COUNT(*)"; });
}

// Over the rows before such a fold: each is one of itself.
std::string Unfolded(const Definition& definition, std::string sql) {
  for (const NamedSql& value : definition.per_values) {
    for (size_t at = 0; (at = sql.find(value.name, at)) != std::string::npos; ++at) {
      const size_t end = at + value.name.size();
      const auto is_letter = [&](size_t i) {
        return i < sql.size() && (absl::ascii_isalnum(sql[i]) || sql[i] == '_');
      };
      if (!is_letter(at - 1) && !is_letter(end)) sql.replace(at, value.name.size(), "1");
    }
  }
  return sql;
}

// Whether the table has it as it stands.
bool HasPlain(const Table& table, const std::string& name) {
  return std::any_of(table.columns.begin(), table.columns.end(),
                     [&](const Column& column) { return column.name == name && column.sql == name; });
}

std::string Format(Unit unit) {
  switch (unit) {
    case Unit::kCount:
      return "#,0";
    case Unit::kShare:
      return "0.0%";
    case Unit::kMean:
      return "0.00";
    case Unit::kMilliseconds:
      return "#,0 \\m\\s";
    case Unit::kHours:
      return "#,0.0";
  }
  CHECK(false);
}

class Maker {
 public:
  Maker(const Metric& metric, Table* table) : metric_(metric), table_(*table) {}

  // The measure `name` of an aggregate. `column` names the columns that it takes.
  void Sum(const std::string& sql, const std::string& column, const std::string& name,
           const std::string& text) {
    const absl::StatusOr<std::vector<Aggregate>> aggregates = ReadAggregates(sql);
    CHECK(aggregates.ok());
    Measure measure = Named(name, Unit::kCount, text);
    for (size_t i = 0; i < aggregates->size(); ++i) {
      measure.terms.push_back(
          TermOf((*aggregates)[i], aggregates->size() == 1 ? column : absl::StrCat(column, "_", i + 1)));
    }
    table_.measures.push_back(std::move(measure));
  }

  void Ratio(const std::string& numerator, const std::string& denominator) {
    Measure measure = Named(metric_.title, metric_.unit, Text());
    measure.numerator = numerator;
    measure.denominator = denominator;
    for (const MetricParameter& own : ParametersOf(metric_)) {
      if (own.parameter->name == "min_sent") CHECK(absl::SimpleAtoi(own.defaults.front(), &measure.at_least));
    }
    table_.measures.push_back(std::move(measure));
  }

  std::string Text() const {
    std::vector<std::string> sentences = {metric_.corrected.text};
    sentences.insert(sentences.end(), metric_.notes.begin(), metric_.notes.end());
    return absl::StrJoin(sentences, " ");
  }

 private:
  Measure Named(const std::string& name, Unit unit, const std::string& text) const {
    const std::vector<std::string> section = absl::StrSplit(metric_.section, ", ");
    return {.name = name, .text = text, .format = Format(unit), .folder = section.front()};
  }

  Term TermOf(const Aggregate& aggregate, const std::string& column) {
    const std::string& where = metric_.corrected.where;
    const bool all = where.empty();
    switch (aggregate.how) {
      case Aggregate::How::kRows:
        if (all) return {};
        return Flag(column, absl::StrCat("(", where, ")"));
      case Aggregate::How::kPresent:
        return Flag(column, all ? absl::StrCat(aggregate.of, " IS NOT NULL")
                                : absl::StrCat("(", where, ") AND ", aggregate.of, " IS NOT NULL"));
      case Aggregate::How::kDistinct:
        if (all && HasPlain(table_, aggregate.of)) return {Term::How::kDistinct, aggregate.of};
        Made(column, ColumnType::kText, Counted(aggregate.of));
        return {Term::How::kDistinct, column};
      case Aggregate::How::kSum:
        if (all && HasPlain(table_, aggregate.of)) return {Term::How::kSum, aggregate.of};
        Made(column, ColumnType::kNumber, Counted(aggregate.of));
        return {Term::How::kSum, column};
    }
    CHECK(false);
  }

  Term Flag(const std::string& column, const std::string& condition) {
    Made(column, ColumnType::kNumber, absl::StrCat("CASE WHEN ", condition, " THEN 1 ELSE 0 END"));
    return {Term::How::kSum, column};
  }

  // What a row that does not count has there is NULL.
  std::string Counted(const std::string& of) const {
    const std::string& where = metric_.corrected.where;
    return where.empty() ? of : absl::StrCat("CASE WHEN ", where, " THEN ", of, " END");
  }

  void Made(const std::string& name, ColumnType type, const std::string& sql) {
    table_.columns.push_back({name, type, sql, &metric_, /*hidden=*/true});
  }

  const Metric& metric_;
  Table& table_;
};

}  // namespace

std::string OrNone(const std::string& sql) {
  return absl::StrCat("coalesce(nullif(", sql, ", ''), '(none)')");
}

std::string WhyNoMeasure(const Metric& metric) {
  const Definition& definition = metric.corrected;
  if (metric.own_period) return "what it counts depends on where each period begins and ends";
  if (!metric.needs.empty()) return absl::StrCat("it needs ", metric.needs, ", which have no default");
  if (!definition.per.empty() && !CountsEquals(definition))
    return absl::StrCat("it counts per ", definition.per, " before it counts");
  if (IsRanked(definition, definition.value) || IsRanked(definition, definition.over)) {
    return "it ranks the rows of each period first";
  }
  return "";
}

void AddBreakdown(const Metric& metric, Table* table) {
  const std::string& name = metric.breakdown.name;
  if (name.empty()) return;
  const Column made = {name, ColumnType::kText, OrNone(metric.breakdown.sql), &metric};
  const auto same = std::find_if(table->columns.begin(), table->columns.end(),
                                 [&](const Column& column) { return column.name == name; });
  if (same == table->columns.end()) {
    table->columns.push_back(made);
    return;
  }
  // Two metrics must mean the same by it.
  CHECK(same->metric == nullptr || same->sql == made.sql);
  *same = made;
}

void AddMeasures(const Metric& metric, Table* table) {
  CHECK(WhyNoMeasure(metric).empty());
  const Definition& definition = metric.corrected;
  Maker maker(metric, table);
  // Apart from the measures' names, which the model does not tell from columns' by their case.
  const std::string column = absl::StrCat("metric_", metric.name);
  if (definition.over.empty()) {
    maker.Sum(Unfolded(definition, definition.value), column, metric.title, maker.Text());
  } else {
    const std::string numerator = absl::StrCat(metric.title, ": numerator");
    const std::string denominator = absl::StrCat(metric.title, ": denominator");
    maker.Ratio(numerator, denominator);
    maker.Sum(Unfolded(definition, definition.value), column, numerator,
              absl::StrCat("Above the line of ", metric.title, "."));
    maker.Sum(Unfolded(definition, definition.over), absl::StrCat(column, "_of"), denominator,
              absl::StrCat("Below the line of ", metric.title, "."));
  }
  for (const NamedSql& beside : definition.beside) {
    if (IsRanked(definition, beside.sql)) continue;
    maker.Sum(Unfolded(definition, beside.sql), absl::StrCat(column, "_", beside.name),
              absl::StrCat(metric.title, ": ", beside.name), absl::StrCat("Beside ", metric.title, "."));
  }
}

}  // namespace penstock::metrics::powerbi
