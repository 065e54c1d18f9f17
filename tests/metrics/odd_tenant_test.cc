// SPDX-License-Identifier: Apache-2.0
#include "tests/metrics/odd_tenant.h"

#include <gtest/gtest.h>

#include "tests/metrics/agreement.h"

namespace penstock::metrics {

// Tenants in which nothing is as it should be. What the loops say is the truth; a failing seed stands in the trace.
class OddTenants : public ::testing::TestWithParam<destinations::WarehouseKind> {
 protected:
  // A server takes its time for a statement: one tenant is enough there.
  bool server() const { return GetParam().name != "Sqlite"; }
  bool snowflake() const { return GetParam().name == "Snowflake"; }
};

TEST_P(OddTenants, AgreeWithTheLoopsByDayWeekAndMonth) {
  const std::vector<std::string> all = {"", "route", "domain", "platform", "plugin", "language"};
  for (const uint64_t seed : {1, 2, 3}) {
    if (server() && seed > 1) break;
    SCOPED_TRACE(seed);
    const RawRecords raw = OddTenant(seed, 180);
    const PlainRecords records = ReadPlain(raw);
    MetricsWarehouse warehouse(GetParam());
    warehouse.Load(raw);
    ExpectAgreement(warehouse, records,
                    {.from = "2026-03-03", .to = "2026-03-20", .zone = "Asia/Kolkata", .by = "week"},
                    snowflake() || seed > 1 ? std::vector<std::string>{""} : all);
    if (server()) continue;
    ExpectAgreement(warehouse, records, {.from = "2026-03-01T06:30:00Z", .to = "2026-04-02", .by = "month"},
                    {""});
    ExpectAgreement(warehouse, records,
                    {.from = "2026-03-10", .to = "2026-03-14", .zone = "America/New_York", .by = "day"},
                    {""});
  }
}

TEST_P(OddTenants, AgreeWithTheLoopsWhateverTheParametersAre) {
  if (snowflake()) GTEST_SKIP() << "a statement takes a tenth of a second there; its SQL is the same";
  const RawRecords raw = OddTenant(7, 240);
  const PlainRecords records = ReadPlain(raw);
  MetricsWarehouse warehouse(GetParam());
  warehouse.Load(raw);
  const auto agree = [&](std::map<std::string, std::string> parameters, const Settings& loops) {
    ExpectAgreement(warehouse, records,
                    {.from = "2026-03-01",
                     .to = "2026-03-22",
                     .by = "total",
                     .parameters = std::move(parameters),
                     .loops = loops},
                    {""});
  };
  agree({{"attribution", "parent"},
         {"clicks", "no"},
         {"response", "first"},
         {"missing", "neutral"},
         {"unit", "week"}},
        {.nearest = false, .clicks = false, .unit = "week", .response = "first", .missing = "neutral"});
  agree({{"link_days", "0"}, {"response", "last"}, {"missing", "proportional"}, {"unit", "interaction"}},
        {.link_days = 0,
         .reply_days = 0,
         .unit = "interaction",
         .response = "last",
         .missing = "proportional"});
  agree({{"plugins", "Forms,enterprise search"}, {"ratings", "help=5,cancel=1"}},
        {.plugins = {"forms", "enterprise search"}, .ratings = {{"help", 5}, {"cancel", 1}}});
}

INSTANTIATE_TEST_SUITE_P(AllSystems, OddTenants, ::testing::ValuesIn(AllKinds()),
                         [](const auto& info) { return info.param.name; });

}  // namespace penstock::metrics
