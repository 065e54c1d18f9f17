// SPDX-License-Identifier: Apache-2.0
#include "metrics/views.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/metrics/metrics_warehouse.h"
#include "tests/metrics/odd_tenant.h"

namespace penstock::metrics {
namespace {

class Views : public ::testing::TestWithParam<destinations::WarehouseKind> {
 protected:
  std::string One(const std::string& select, const std::string& view) {
    const TextRows rows =
        warehouse_.Query(absl::StrCat(select, " FROM ", warehouse_.dialect().Bookkeeping(view),
                                      " WHERE created_ms >= 1772323200000 AND created_ms < 1774137600000"));
    return rows.empty() ? "no row" : rows[0][0].value_or("null");
  }
  Cell Metric(const std::string& name) {
    const auto request = MakeRequest({.name = name, .from = "2026-03-01", .to = "2026-03-22", .by = "total"});
    EXPECT_TRUE(request.ok()) << request.status();
    return warehouse_.Run(*request).cells.back();
  }

  MetricsWarehouse warehouse_{GetParam()};
};

TEST_P(Views, GiveWhatTheMetricsGive) {
  warehouse_.Load(OddTenant(5, 240));
  // Twice: what is there is put in place again.
  for (int i = 0; i < 2; ++i) {
    for (const std::string& statement : ViewStatements(warehouse_.dialect())) warehouse_.Execute(statement);
  }
  EXPECT_EQ(One("SELECT sum(deflected)", "V_FREE_TEXT"), absl::StrCat(Metric("deflections").numerator));
  EXPECT_EQ(One("SELECT count(*)", "V_FREE_TEXT"), absl::StrCat(*Metric("deflections").denominator));
  EXPECT_EQ(One("SELECT sum(answered)", "V_NOTIFICATION"),
            absl::StrCat(Metric("notifications_engaged").numerator));
  EXPECT_EQ(One("SELECT sum(responded)", "V_SURVEY_RESULT"),
            absl::StrCat(Metric("csat_response_rate").numerator));
  EXPECT_EQ(One("SELECT count(verdict)", "V_RATED_CALL"),
            absl::StrCat(*Metric("plugin_success_rate").denominator));
  EXPECT_EQ(One("SELECT sum(chosen)", "V_RESPONSE"), absl::StrCat(*Metric("mttr").denominator));
}

INSTANTIATE_TEST_SUITE_P(AllSystems, Views, ::testing::ValuesIn(AllKinds()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace penstock::metrics
