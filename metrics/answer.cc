// SPDX-License-Identifier: Apache-2.0
#include "metrics/answer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "base/instant.h"
#include "base/status_macros.h"

namespace penstock::metrics {
namespace {

using Key = std::vector<std::string>;  // the period, then the groups

struct Parts {
  double numerator = 0;
  std::optional<double> denominator;
  std::vector<std::optional<int64_t>> beside;
};

absl::StatusOr<std::optional<int64_t>> Number(const std::optional<std::string>& text) {
  if (!text.has_value()) return std::optional<int64_t>();
  int64_t whole = 0;
  if (absl::SimpleAtoi(*text, &whole)) return std::optional<int64_t>(whole);
  double number = 0;
  if (absl::SimpleAtod(*text, &number) && std::floor(number) == number) {
    return std::optional<int64_t>(std::llround(number));
  }
  return absl::InternalError(absl::StrCat("'", *text, "' where a whole number was expected"));
}

// Calls without feedback, shared out by plugin as its others were rated; a plugin without any verdict stays out (the
// columns beside are helpful, unhelpful, without).
void ShareOut(const std::vector<std::optional<int64_t>>& beside, Parts* into) {
  const double helpful = beside[0].value_or(0);
  const double rated = helpful + beside[1].value_or(0);
  const double without = beside[2].value_or(0);
  into->beside.resize(beside.size(), 0);
  for (size_t i = 0; i < beside.size(); ++i) *into->beside[i] += beside[i].value_or(0);
  into->denominator = into->denominator.value_or(0);
  if (rated == 0) return;
  into->numerator += helpful + without * helpful / rated;
  *into->denominator += rated + without;
}

absl::StatusOr<std::map<Key, Parts>> Gather(const Request& request, const Statement& statement,
                                            const TextRows& rows) {
  const bool ratio = !request.definition().over.empty();
  const bool shares = SharesOut(request);
  const size_t beside_at = statement.cell + (ratio ? 2 : 1);
  std::map<Key, Parts> all;
  for (const auto& row : rows) {
    if (row.size() != statement.columns.size()) {
      return absl::InternalError(absl::StrCat("a row of ", row.size(), " values where ",
                                              statement.columns.size(), " were expected"));
    }
    Key key;
    for (size_t i = 0; i < statement.cell - (shares ? 1 : 0); ++i) key.push_back(row[i].value_or(""));
    std::vector<std::optional<int64_t>> numbers;
    for (size_t i = statement.cell; i < row.size(); ++i) {
      ASSIGN_OR_RETURN(numbers.emplace_back(), Number(row[i]));
    }
    const std::vector<std::optional<int64_t>> beside(numbers.begin() + (beside_at - statement.cell),
                                                     numbers.end());
    Parts& parts = all[key];
    if (shares) {
      ShareOut(beside, &parts);
      continue;
    }
    parts.numerator = static_cast<double>(numbers[0].value_or(0));
    if (ratio) parts.denominator = static_cast<double>(numbers[1].value_or(0));
    parts.beside = beside;
  }
  return all;
}

bool Settled(const Period& period, Endpoint endpoint, const Coverage& coverage) {
  const int64_t last = DayNumber(absl::FromUnixMillis(period.to_ms - 1));
  if (endpoint == Endpoint::kUsers) return coverage.roster.has_value() && *coverage.roster > last;
  const auto days = coverage.settled.find(endpoint);
  if (days == coverage.settled.end()) return false;
  for (int64_t day = DayNumber(absl::FromUnixMillis(period.from_ms)); day <= last; ++day) {
    if (days->second.count(day) == 0) return false;
  }
  return true;
}

// R3.
bool Provisional(const Request& request, const Period& period, const Coverage& coverage, absl::Time now) {
  int64_t link_days = 0;
  for (const MetricParameter& own : ParametersOf(*request.metric)) {
    if (own.parameter->name == "link_days") {
      CHECK(absl::SimpleAtoi(request.parameters.at("link_days").front(), &link_days));
    }
  }
  if (now < absl::FromUnixMillis(period.to_ms) + absl::Hours(24 * link_days)) return true;
  return !std::all_of(request.metric->reads.begin(), request.metric->reads.end(),
                      [&](Endpoint endpoint) { return Settled(period, endpoint, coverage); });
}

bool HasParameter(const Metric& metric, absl::string_view name) {
  for (const MetricParameter& own : ParametersOf(metric)) {
    if (own.parameter->name == name) return true;
  }
  return false;
}

int64_t NumberOf(const Request& request, const char* name) {
  int64_t number = 0;
  CHECK(absl::SimpleAtoi(request.parameters.at(name).front(), &number));
  return number;
}

// Too few were sent for a rate.
bool HidesRate(const Request& request, const Parts& parts) {
  return HasParameter(*request.metric, "min_sent") && !request.guide &&
         parts.denominator.value_or(0) < static_cast<double>(NumberOf(request, "min_sent"));
}

std::optional<double> Value(const Request& request, const Parts& parts) {
  if (!parts.denominator.has_value()) return parts.numerator;
  if (*parts.denominator == 0 || HidesRate(request, parts)) return std::nullopt;
  return parts.numerator / *parts.denominator;
}

// The groups of the total: the `top` ones first to last where the metric is a ranking, all by name otherwise.
std::vector<Key> Groups(const Request& request, const std::map<Key, Parts>& all) {
  std::vector<std::pair<double, Key>> ranked;
  for (const auto& [key, parts] : all) {
    if (key.front() != kTotal) continue;
    const bool rate =
        HasParameter(*request.metric, "order") && request.parameters.at("order").front() == "rate";
    const double rank = rate ? Value(request, parts).value_or(-1) : parts.numerator;
    ranked.emplace_back(-rank, Key(key.begin() + 1, key.end()));
  }
  if (!HasParameter(*request.metric, "top")) {
    for (auto& each : ranked) each.first = 0;
  }
  std::sort(ranked.begin(), ranked.end());
  if (HasParameter(*request.metric, "top") && ranked.size() > static_cast<size_t>(NumberOf(request, "top"))) {
    ranked.resize(NumberOf(request, "top"));
  }
  std::vector<Key> groups;
  for (auto& each : ranked) groups.push_back(std::move(each.second));
  return groups;
}

// Days at which the source began to tell more, of the metrics that it changed.
absl::StatusOr<std::vector<std::string>> Warnings(const Request& request, const TextRows& undated) {
  std::vector<std::string> warnings;
  if (!undated.empty() && !undated[0].empty()) {
    ASSIGN_OR_RETURN(const std::optional<int64_t> rows, Number(undated[0][0]));
    if (rows.value_or(0) > 0)
      warnings.push_back(absl::StrCat(*rows, " rows have no created_time and are left out"));
  }
  const auto within = [&](absl::CivilDay day) {
    const absl::Time time = absl::FromCivil(day, absl::UTCTimeZone());
    return request.frame.from < time && time < request.frame.to;
  };
  if (!request.definition().unattributed.empty() && HasParameter(*request.metric, "attribution") &&
      within(absl::CivilDay(2025, 8, 12))) {
    warnings.push_back("before 2025-08-12 no form, click or link had a parent");
  }
  const std::string& facts = request.definition().facts;
  if ((facts == "notification" || facts == "dialogue" || absl::StartsWith(facts, "survey")) &&
      within(absl::CivilDay(2026, 4, 1))) {
    warnings.push_back(
        "before 2026-04-01 the source had notifications only that were engaged with, and no surveys");
  }
  return warnings;
}

}  // namespace

Coverage ReadCoverage(const TextRows& rows) {
  Coverage coverage;
  for (const auto& row : rows) {
    if (row.size() != 3 || !row[0].has_value() || !row[1].has_value()) continue;
    const absl::StatusOr<Endpoint> endpoint = ParseEndpoint(*row[0]);
    absl::CivilDay day;
    if (!endpoint.ok() || !absl::ParseCivilTime(*row[1], &day)) continue;
    if (*endpoint == Endpoint::kUsers) coverage.roster = day - absl::CivilDay();
    if (row[2] == "settled") coverage.settled[*endpoint].insert(day - absl::CivilDay());
  }
  return coverage;
}

absl::StatusOr<Answer> MakeAnswer(const Request& request, const Statement& cells, const Found& found,
                                  absl::Time now) {
  Answer answer;
  if (!request.metric->breakdown.name.empty()) answer.groups.push_back(request.metric->breakdown.name);
  if (!request.group.empty()) answer.groups.push_back(request.group);
  for (const NamedSql& each : request.definition().beside) answer.beside.push_back(each.name);
  ASSIGN_OR_RETURN(const auto parts, Gather(request, cells, found.cells));
  std::map<Key, int64_t> without_root;
  for (const auto& row : found.unattributed) {
    Key key;
    for (size_t i = 0; i + 1 < row.size(); ++i) key.push_back(row[i].value_or(""));
    ASSIGN_OR_RETURN(const std::optional<int64_t> count, Number(row.back()));
    without_root[key] = count.value_or(0);
  }
  const bool attributes = !request.definition().unattributed.empty();
  const bool by_group = attributes && request.group != "plugin" && request.metric->breakdown.name.empty();
  std::vector<Key> groups = Groups(request, parts);
  if (answer.groups.empty()) groups = {{}};
  for (const Period& period : request.frame.periods) {
    const bool provisional = Provisional(request, period, found.coverage, now);
    for (const Key& group : groups) {
      Key key = {period.name};
      key.insert(key.end(), group.begin(), group.end());
      const auto there = parts.find(key);
      Parts none;
      if (!request.definition().over.empty()) none.denominator = 0;
      for (const NamedSql& each : request.definition().beside) {
        // A median of nothing is none, a count of nothing is 0.
        none.beside.push_back(absl::StartsWith(each.sql, "MIN(") ? std::nullopt : std::optional<int64_t>(0));
      }
      const Parts& here = there == parts.end() ? none : there->second;
      Cell cell = {period.name, group, Value(request, here), here.numerator, here.denominator,
                   provisional, {},    here.beside};
      const auto lost = without_root.find(key);
      if (by_group) cell.unattributed = lost == without_root.end() ? 0 : lost->second;
      answer.cells.push_back(std::move(cell));
    }
  }
  ASSIGN_OR_RETURN(answer.warnings, Warnings(request, found.undated));
  return answer;
}

}  // namespace penstock::metrics
