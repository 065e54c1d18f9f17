// SPDX-License-Identifier: Apache-2.0
#include "metrics/views.h"

#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "metrics/catalogue.h"
#include "metrics/facts.h"
#include "metrics/placeholders.h"
#include "metrics/reads.h"
#include "metrics/records.h"
#include "metrics/request.h"
#include "metrics/with_clause.h"

namespace penstock::metrics {
namespace {

// All that `facts` reads, itself included.
std::set<std::string> Below(const std::string& facts, const std::vector<Relation>& all) {
  std::set<std::string> needed = {facts};
  for (auto relation = all.rbegin(); relation != all.rend(); ++relation) {
    if (needed.count(relation->name) > 0) needed.merge(Reads(relation->sql));
  }
  return needed;
}

Values DefaultsIn(const std::string& relation, const std::vector<Relation>& facts, const Values& own) {
  Values values = ValuesOf(nullptr, own);
  std::set<std::string> set;
  for (const Metric& metric : AllMetrics()) {
    if (Below(metric.corrected.facts, facts).count(relation) == 0) continue;
    for (const MetricParameter& each : ParametersOf(metric)) {
      const bool first = set.insert(each.parameter->name).second;
      if (first && each.defaults != each.parameter->defaults) values[each.parameter->name] = each.defaults;
    }
  }
  return values;
}

std::string OverViews(const std::string& sql, const std::set<std::string>& relations,
                      const Dialect& dialect) {
  std::string text;
  bool expected = false;
  for (size_t begin = 0; begin < sql.size();) {
    const size_t end = sql.find_first_of(" \n\t(),", begin);
    const std::string word = sql.substr(begin, end - begin);
    text += expected && relations.count(word) > 0 ? dialect.Bookkeeping(ViewName(word)) : word;
    if (!word.empty()) expected = word == "FROM" || word == "JOIN";
    if (end == std::string::npos) break;
    text += sql[end];
    begin = end + 1;
  }
  return text;
}

// Records, and facts that have no periods of their own.
std::vector<Relation> Viewed(const Dialect& dialect, const Values& own) {
  const std::vector<Relation> facts = FactViews();
  std::vector<Relation> all = RecordViews(dialect);
  for (const Relation& relation : facts) {
    const std::set<std::string> reads = Reads(relation.sql);
    if (reads.count("frame") > 0 || reads.count("span") > 0) continue;
    const std::string sql = absl::StrReplaceAll(relation.sql, {{"{quarter}", absl::StrCat(kQuarterMs)}});
    all.push_back({relation.name, FillIn(sql, DefaultsIn(relation.name, facts, own), dialect, "")});
  }
  return all;
}

}  // namespace

Values DefaultsFor(const std::string& relation, const Values& own) {
  return DefaultsIn(relation, FactViews(), own);
}

std::string ViewName(const std::string& relation) {
  return absl::StrCat("V_", absl::AsciiStrToUpper(relation));
}

std::vector<std::string> ViewRelations(const Dialect& dialect) {
  std::vector<std::string> names;
  for (const Relation& relation : Viewed(dialect, {})) names.push_back(relation.name);
  return names;
}

std::string OverViews(const std::string& sql, const Dialect& dialect) {
  const std::vector<std::string> relations = ViewRelations(dialect);
  return OverViews(sql, {relations.begin(), relations.end()}, dialect);
}

std::vector<std::string> ViewStatements(const Dialect& dialect, const Values& own) {
  std::set<std::string> views;
  std::vector<std::string> statements;
  for (const Relation& relation : Viewed(dialect, own)) {
    std::string sql(absl::StripAsciiWhitespace(OverViews(relation.sql, views, dialect)));
    views.insert(relation.name);
    if (Reads(sql).count(relation.name) > 0) {
      sql = absl::StrCat("WITH RECURSIVE ", relation.name, " AS (", sql, ")\nSELECT * FROM ", relation.name);
    }
    for (std::string& statement : dialect.CreateView(dialect.Bookkeeping(ViewName(relation.name)), sql)) {
      statements.push_back(std::move(statement));
    }
  }
  return statements;
}

}  // namespace penstock::metrics
