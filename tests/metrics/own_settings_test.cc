// SPDX-License-Identifier: Apache-2.0
#include "metrics/own_settings.h"

#include "metrics/request.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::metrics {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

MetricsConfig With(const std::string& name, std::vector<std::string> items) {
  MetricsConfig config;
  config.settings[name] = {std::move(items), "p.yaml:7: key '" + name + "'"};
  return config;
}

Question Asked(const std::string& name, const MetricsConfig& config) {
  const absl::StatusOr<OwnSettings> own = CheckSettings(config);
  EXPECT_OK(own.status());
  return {.name = name, .from = "2026-03-01", .to = "2026-03-02", .own = own->values};
}

TEST(OwnSettings, StandInForDefaultsAndGiveWayToTheQuestion) {
  Question question = Asked("deflections", With("ticket_forms", {"IT-Ticket erstellen", "Ticket"}));
  ASSERT_OK_AND_ASSIGN(Request request, MakeRequest(question));
  EXPECT_THAT(request.parameters.at("ticket_forms"), ElementsAre("IT-Ticket erstellen", "Ticket"));
  question.parameters["ticket_forms"] = "Other";
  ASSERT_OK_AND_ASSIGN(request, MakeRequest(question));
  EXPECT_THAT(request.parameters.at("ticket_forms"), ElementsAre("Other"));
}

TEST(OwnSettings, WhatAMetricNeedsMayComeFromThem) {
  EXPECT_OK(MakeRequest(Asked("time_savings", With("hours", {"Grant Software Access=0.5"}))).status());
}

TEST(OwnSettings, WhatAMetricHasForItselfIsPartOfItsMeaning) {
  ASSERT_OK_AND_ASSIGN(const Request total,
                       MakeRequest(Asked("conversations_total", With("exclude_routes", {"Ticket"}))));
  EXPECT_THAT(total.parameters.at("exclude_routes"), ElementsAre("Notification"));
  ASSERT_OK_AND_ASSIGN(const Request users,
                       MakeRequest(Asked("active_users", With("exclude_routes", {"Ticket"}))));
  EXPECT_THAT(users.parameters.at("exclude_routes"), ElementsAre("Ticket"));
}

TEST(OwnSettings, AWrongOneIsNamedWithItsPlaceAndTheNearestChoice) {
  EXPECT_THAT(CheckSettings(With("ticket_form", {"x"})).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, AllOf(StartsWith("p.yaml:7: key 'ticket_form': "),
                                                                 HasSubstr("did you mean 'ticket_forms'?"))));
  EXPECT_THAT(CheckSettings(With("clicks", {"maybe"})).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(StartsWith("p.yaml:7: key 'clicks': "), HasSubstr("one of yes, no"))));
  EXPECT_THAT(CheckSettings(With("hours", {"Grant Software Access=-1"})).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("above 0")));
  MetricsConfig config;
  config.time_zone = "Europe/Berlim";
  config.time_zone_place = "p.yaml:5: key 'time_zone'";
  EXPECT_THAT(CheckSettings(config).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(StartsWith("p.yaml:5: key 'time_zone': "), HasSubstr("Europe/Berlin"))));
}

}  // namespace
}  // namespace penstock::metrics
