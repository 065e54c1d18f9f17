// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/cli_fixture.h"

namespace penstock::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class AlarmStatus : public CliTest {
 protected:
  AlarmStatus() {
    admin.status.add_sources()->set_name("acme");
    v1::Alarm& alarm = *source().add_alarms();
    alarm.set_name("forgotten-soon");
    alarm.set_endpoint(v1::PLUGIN_CALLS);
    alarm.set_text("5 to 6 March: forgotten in 4 days.");
    alarm.set_next_step("backfill create --from 2026-03-05 --to 2026-03-07 --endpoints plugin-calls");
    *alarm.mutable_since() = Time("2026-03-25");
  }
  v1::SourceStatus& source() { return *admin.status.mutable_sources(0); }
};

TEST_F(AlarmStatus, IsALineWithItsNextStep) {
  ASSERT_EQ(Run({"status"}), 0);
  EXPECT_THAT(out.str(),
              HasSubstr("  ALARM         forgotten-soon plugin-calls: 5 to 6 March: forgotten in 4 days.\n"
                        "                penstock backfill create --from 2026-03-05 --to 2026-03-07 \\\n"));
  ExpectFits();
}

TEST_F(AlarmStatus, CheckAnswersFiveUnlessSomethingIsWorse) {
  EXPECT_EQ(Run({"status", "--check"}), 5);
  source().set_quarantined(1);
  EXPECT_EQ(Run({"status", "--check"}), 1);
  source().set_quarantined(0);
  source().clear_alarms();
  EXPECT_EQ(Run({"status", "--check"}), 0);
}

TEST_F(AlarmStatus, OfTheWholeSourceNamesNoEndpoint) {
  source().mutable_alarms(0)->set_name("key-shared");
  source().mutable_alarms(0)->clear_endpoint();
  source().mutable_alarms(0)->clear_next_step();
  ASSERT_EQ(Run({"status"}), 0);
  EXPECT_THAT(out.str(), HasSubstr("ALARM         key-shared: 5 to 6"));
}

TEST_F(AlarmStatus, IsInTheJson) {
  ASSERT_EQ(Run({"status", "--output", "json"}), 0);
  EXPECT_THAT(out.str(), HasSubstr(R"("alarms":[{"name":"forgotten-soon","endpoint":"plugin-calls",)"));
  EXPECT_THAT(out.str(), HasSubstr(R"("since":"2026-03-25T00:00:00.000Z"}])"));
}

}  // namespace
}  // namespace penstock::cli
