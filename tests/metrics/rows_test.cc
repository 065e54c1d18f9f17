// SPDX-License-Identifier: Apache-2.0
// Which rows a metric counts: they must be those that it counts.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "metrics/catalogue.h"
#include "tests/metrics/metrics_warehouse.h"
#include "tests/metrics/odd_tenant.h"

namespace penstock::metrics {
namespace {

constexpr uint32_t kAll = 5'000;

class CountedRowsOf : public ::testing::TestWithParam<destinations::WarehouseKind> {
 protected:
  CountedRowsOf() { warehouse_.Load(OddTenant(5, 240)); }

  static Request Asked(const std::string& name, bool guide, const std::string& by = "total") {
    Question question = {.name = name, .from = "2026-03-01", .to = "2026-03-22", .by = by, .guide = guide};
    const absl::StatusOr<const Metric*> metric = FindMetric(name);
    EXPECT_TRUE(metric.ok()) << metric.status();
    if (!(*metric)->needs.empty()) question.parameters[(*metric)->needs] = "Grant Software Access=0.5";
    const auto request = MakeRequest(question);
    EXPECT_TRUE(request.ok()) << request.status();
    return *request;
  }

  MetricsWarehouse warehouse_{GetParam()};
};

// Distinct ids in the rows are as many as the metric counts, where it counts rows or ids.
TEST_P(CountedRowsOf, EveryMetricAreThoseThatItCounts) {
  int compared = 0;
  for (const Metric& metric : AllMetrics()) {
    for (const bool guide : {false, true}) {
      const Request request = Asked(metric.name, guide);
      const CountedRows found = warehouse_.Rows(request, kAll);
      EXPECT_FALSE(found.more);
      const Definition& definition = request.definition();
      const std::string& counted = definition.over.empty() ? definition.value : definition.over;
      const bool by_id = counted == "COUNT(DISTINCT id)";
      if ((counted != "COUNT(*)" && !by_id) || !definition.per.empty()) continue;
      double sum = 0;
      for (const Cell& cell : warehouse_.Run(request).cells) sum += cell.denominator.value_or(cell.numerator);
      std::set<std::string> ids;
      for (const CountedRows::Row& row : found.rows) ids.insert(row.id);
      EXPECT_EQ(static_cast<double>(by_id ? ids.size() : found.rows.size()), sum)
          << metric.name << (guide ? " by the guide" : "");
      ++compared;
    }
  }
  EXPECT_GT(compared, 25);
}

TEST_P(CountedRowsOf, TheFlagsTellWhyAMessageWasNotDeflected) {
  const Request request = Asked("deflections", false);
  const CountedRows found = warehouse_.Rows(request, kAll);
  const auto place = std::find_if(found.columns.begin(), found.columns.end(),
                                  [](const RowColumn& column) { return column.name == "deflected"; });
  ASSERT_NE(place, found.columns.end());
  double deflected = 0;
  for (const CountedRows::Row& row : found.rows) {
    deflected += row.values.at(place - found.columns.begin()) == "1";
  }
  EXPECT_EQ(deflected, warehouse_.Run(request).cells.back().numerator);
  EXPECT_LT(deflected, found.rows.size());
}

TEST_P(CountedRowsOf, TheNewestComeFirstAndTheRestIsSaidToBeThere) {
  const CountedRows all = warehouse_.Rows(Asked("deflections", false, "week"), kAll);
  const CountedRows some = warehouse_.Rows(Asked("deflections", false, "week"), 3);
  EXPECT_TRUE(some.more);
  ASSERT_EQ(some.rows.size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(some.rows[i].id, all.rows[i].id);
    EXPECT_GE(some.rows[0].created, some.rows[i].created);
    EXPECT_NE(some.rows[i].period, kTotal) << "each row in its own period, once";
  }
}

INSTANTIATE_TEST_SUITE_P(QuickSystems, CountedRowsOf, ::testing::ValuesIn(QuickKinds()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace penstock::metrics
