// SPDX-License-Identifier: Apache-2.0
#include "tests/metrics/agreement.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "metrics/catalogue.h"

namespace penstock::metrics {
namespace {

// One cell, for messages and for comparing.
std::string Shown(double numerator, std::optional<double> denominator, const std::vector<double>& beside) {
  return absl::StrCat(numerator, " / ", denominator.has_value() ? absl::StrCat(*denominator) : "-",
                      " beside ", absl::StrJoin(beside, " "));
}

std::string Shown(const Cell& cell) {
  std::vector<double> beside;
  for (const std::optional<int64_t>& each : cell.beside)
    beside.push_back(static_cast<double>(each.value_or(0)));
  return Shown(cell.numerator, cell.denominator, beside);
}

void Compare(const Answer& answer, const Request& request, const PlainRecords& records,
             const Setting& setting, const absl::TimeZone& zone) {
  const std::string& name = request.metric->name;
  for (const Period& period : request.frame.periods) {
    const Loops loops(records, setting.loops, zone, period.from_ms, period.to_ms, request.group);
    NumbersByGroup expected = loops.Compute(name, request.guide);
    int64_t unattributed = 0;
    for (const Cell& cell : answer.cells) {
      if (cell.period != period.name) continue;
      Numbers numbers = expected[cell.groups];
      if (cell.denominator.has_value() && !numbers.denominator.has_value()) numbers.denominator = 0;
      numbers.beside.resize(cell.beside.size());
      // Where nothing is there to be divided into thousandths.
      if (request.metric->unit == Unit::kHours && numbers.numerator == 0)
        numbers.denominator = cell.denominator;
      EXPECT_EQ(Shown(cell), Shown(numbers.numerator, numbers.denominator, numbers.beside))
          << name << (request.guide ? " by the guide, " : ", ") << cell.period << " " << request.group << " "
          << absl::StrJoin(cell.groups, " ");
      unattributed += cell.unattributed.value_or(0);
      expected.erase(cell.groups);
    }
    for (const auto& [group, numbers] : expected) {
      EXPECT_TRUE(numbers.numerator == 0 && numbers.denominator.value_or(0) == 0)
          << name << ": no cell " << period.name << " " << absl::StrJoin(group, " ");
    }
    const int64_t lost = loops.Unattributed(name, request.guide);
    if (request.group.empty() && request.metric->breakdown.name.empty()) {
      EXPECT_EQ(unattributed, std::max<int64_t>(lost, 0)) << name << " " << period.name;
    }
  }
}

}  // namespace

void ExpectAgreement(MetricsWarehouse& warehouse, const PlainRecords& records, const Setting& setting,
                     const std::vector<std::string>& groups) {
  absl::TimeZone zone;
  ASSERT_TRUE(absl::LoadTimeZone(setting.zone, &zone));
  for (const Metric& metric : AllMetrics()) {
    for (const std::string& group : groups) {
      const std::vector<std::string> known = DimensionsOf(metric);
      if (!group.empty() && std::count(known.begin(), known.end(), group) == 0) continue;
      if (group == metric.breakdown.name && !group.empty()) continue;
      for (const bool guide : {false, true}) {
        Question question = {.name = metric.name,
                             .from = setting.from,
                             .to = setting.to,
                             .zone = setting.zone,
                             .by = setting.by,
                             .group = group,
                             .guide = guide};
        for (const MetricParameter& own : ParametersOf(metric)) {
          const auto given = setting.parameters.find(own.parameter->name);
          if (given != setting.parameters.end()) question.parameters.insert(*given);
          if (own.parameter->name == "top") question.parameters["top"] = "1000";
        }
        if (!metric.needs.empty()) question.parameters[metric.needs] = "Grant Software Access=0.5";
        question.segments = std::make_shared<const Segments>(Segments{.of_user = setting.loops.segments});
        const auto request = MakeRequest(question);
        ASSERT_TRUE(request.ok()) << request.status();
        Compare(warehouse.Run(*request), *request, records, setting, zone);
      }
    }
  }
}

}  // namespace penstock::metrics
