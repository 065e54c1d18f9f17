// SPDX-License-Identifier: Apache-2.0
#include "metrics/with_clause.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "base/status_macros.h"
#include "metrics/facts.h"
#include "metrics/placeholders.h"
#include "metrics/reads.h"
#include "metrics/records.h"

namespace penstock::metrics {
namespace {

// Without its columns: "frame" of "frame(utc_day, ..)".
std::string NameOf(const Relation& relation) { return relation.name.substr(0, relation.name.find('(')); }

bool CutsNoQuarter(const Frame& frame) {
  return std::all_of(frame.days.begin(), frame.days.end(), [](const FrameDay& day) {
    return day.from_ms % kQuarterMs == 0 && day.to_ms % kQuarterMs == 0;
  });
}

}  // namespace

WithClause::WithClause(const Values& parameters, const Dialect& dialect) : dialect_(&dialect) {
  AddBelowFrame(parameters, kQuarterMs);
}

WithClause::WithClause(const Frame& frame, const Values& parameters, const Dialect& dialect)
    : dialect_(&dialect), relations_(FrameRelations(frame)) {
  AddBelowFrame(parameters, CutsNoQuarter(frame) ? kQuarterMs : 1);
}

void WithClause::AddBelowFrame(const Values& parameters, int64_t quarter) {
  for (Relation& view : RecordViews(*dialect_)) relations_.push_back(std::move(view));
  for (Relation& view : FactViews()) {
    const std::string sql = absl::StrReplaceAll(view.sql, {{"{quarter}", absl::StrCat(quarter)}});
    view.sql = FillIn(sql, parameters, *dialect_, "");
    relations_.push_back(std::move(view));
  }
}

void WithClause::Append(std::vector<Relation> relations) {
  for (Relation& relation : relations) relations_.push_back(std::move(relation));
}

void WithClause::ReadFrom(const std::string& relation, const std::string& table) {
  for (Relation& each : relations_) {
    if (each.name != relation) continue;
    each.sql = absl::StrCat("SELECT * FROM ", table);
    each.computed_in_place = true;
    return;
  }
  CHECK(false);
}

std::set<std::string> WithClause::Needs(const std::string& select) const {
  std::set<std::string> read = Reads(select);
  std::set<std::string> needed;
  for (auto relation = relations_.rbegin(); relation != relations_.rend(); ++relation) {
    if (read.count(NameOf(*relation)) == 0) continue;
    needed.insert(NameOf(*relation));
    read.merge(Reads(relation->sql));
  }
  return needed;
}

std::string WithClause::Before(const std::string& select) const {
  const std::set<std::string> needed = Needs(select);
  std::vector<std::string> with;
  for (const Relation& relation : relations_) {
    if (needed.count(NameOf(relation)) == 0) continue;
    with.push_back(absl::StrCat(relation.name, " ", relation.computed_in_place ? dialect_->InlineAs() : "AS",
                                " (", absl::StripAsciiWhitespace(relation.sql), ")"));
  }
  return absl::StrCat("WITH RECURSIVE\n", absl::StrJoin(with, ",\n"), "\n", select);
}

std::string WithClause::Origin(const std::string& name) const {
  const std::set<std::string> needed = Needs(absl::StrCat("SELECT * FROM ", name));
  std::string text;
  for (const Relation& relation : relations_) {
    if (needed.count(NameOf(relation)) > 0) absl::StrAppend(&text, relation.name, ": ", relation.sql, "\n");
  }
  return text;
}

}  // namespace penstock::metrics
