// SPDX-License-Identifier: Apache-2.0
#include "base/config_metrics.h"

#include "absl/strings/str_cat.h"
#include "tests/fakes/status_matchers.h"

namespace penstock {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

absl::StatusOr<MetricsConfig> Read(const std::string& metrics) {
  const absl::StatusOr<Config> config = ParseConfig(
      absl::StrCat("version: 1\nsources:\n  acme: {url: https://host/records}\n", metrics), "p.yaml");
  if (!config.ok()) return config.status();
  return config->metrics;
}

TEST(ConfigMetrics, ASettingIsAWordAListOrAMap) {
  ASSERT_OK_AND_ASSIGN(const MetricsConfig metrics, Read("metrics:\n"
                                                         "  time_zone: Europe/Berlin\n"
                                                         "  segments: people.csv\n"
                                                         "  settings:\n"
                                                         "    clicks: no\n"
                                                         "    ticket_forms: [Ticket, 'Ticket, neu']\n"
                                                         "    hours: {Grant Software Access: 0.5}\n"));
  EXPECT_EQ(metrics.time_zone, "Europe/Berlin");
  EXPECT_EQ(metrics.segments_file, "people.csv");
  EXPECT_THAT(metrics.settings.at("clicks").items, ElementsAre("no"));
  EXPECT_THAT(metrics.settings.at("ticket_forms").items, ElementsAre("Ticket", "Ticket, neu"));
  EXPECT_THAT(metrics.settings.at("hours").items, ElementsAre("Grant Software Access=0.5"));
  EXPECT_EQ(metrics.settings.at("hours").place, "p.yaml:10: key 'hours'");
}

TEST(ConfigMetrics, WithoutThemThereAreNone) {
  ASSERT_OK_AND_ASSIGN(const MetricsConfig metrics, Read(""));
  EXPECT_TRUE(metrics.settings.empty());
  EXPECT_EQ(metrics.time_zone, "");
}

TEST(ConfigMetrics, AWrongFormIsNamedWithItsLine) {
  EXPECT_THAT(
      Read("metrics: {timezone: UTC}\n"),
      StatusIs(absl::StatusCode::kInvalidArgument,
               HasSubstr("p.yaml:4: key 'timezone' is not known in 'metrics'; did you mean 'time_zone'?")));
  EXPECT_THAT(Read("metrics:\n  settings:\n    labels: []\n"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("p.yaml:6: key 'labels' is empty")));
  EXPECT_THAT(Read("metrics:\n  settings:\n    labels: [[a]]\n"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("needs a list of words")));
}

}  // namespace
}  // namespace penstock
