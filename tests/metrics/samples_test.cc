// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdlib>

#include "metrics/catalogue.h"
#include "tests/metrics/agreement.h"

namespace penstock::metrics {

using destinations::WarehouseKind;

// The responses that the vendor publishes, of 1 and 2 August 2025. PENSTOCK_SAMPLES names their folder.
class PublishedSamples : public ::testing::TestWithParam<WarehouseKind> {
 protected:
  void SetUp() override {
    if (std::getenv("PENSTOCK_SAMPLES") == nullptr) {
      GTEST_SKIP() << "set PENSTOCK_SAMPLES to the folder of the published sample responses";
    }
    raw_ = ReadFolder(std::getenv("PENSTOCK_SAMPLES"));
    warehouse_ = std::make_unique<MetricsWarehouse>(GetParam());
    warehouse_->Load(raw_);
  }

  Answer Ask(const std::string& name, std::map<std::string, std::string> parameters = {},
             bool guide = false) {
    const auto request = MakeRequest({.name = name,
                                      .from = "2025-08-01",
                                      .to = "2025-08-03",
                                      .by = "total",
                                      .parameters = parameters,
                                      .guide = guide});
    EXPECT_TRUE(request.ok()) << request.status();
    return request.ok() ? warehouse_->Run(*request) : Answer();
  }
  // The only cell.
  Cell One(const std::string& name, std::map<std::string, std::string> parameters = {}, bool guide = false) {
    const Answer answer = Ask(name, std::move(parameters), guide);
    EXPECT_EQ(answer.cells.size(), 1u) << name;
    return answer.cells.empty() ? Cell() : answer.cells[0];
  }
  double Count(const std::string& name, std::map<std::string, std::string> parameters = {}) {
    return One(name, std::move(parameters)).numerator;
  }
  double Guide(const std::string& name) { return One(name, {}, true).numerator; }
  double Grouped(const std::string& name, const std::string& group, bool guide = false) {
    for (const Cell& cell : Ask(name, {}, guide).cells) {
      if (cell.groups[0] == group) return cell.numerator;
    }
    return 0;
  }

  RawRecords raw_;
  std::unique_ptr<MetricsWarehouse> warehouse_;
};

TEST_P(PublishedSamples, GiveTheValuesOfAdoptionThatMetricsSays) {
  EXPECT_EQ(Count("active_users"), 20);
  EXPECT_EQ(Guide("active_users"), 20);
  EXPECT_EQ(Count("active_users_roster"), 0);
  EXPECT_EQ(Count("new_users"), 0);
  EXPECT_EQ(Count("single_interaction_users"), 0);
  EXPECT_EQ(Count("adoption_over_time"), 20);
  EXPECT_EQ(One("adoption_over_time").denominator, 20);
  EXPECT_EQ(Count("user_retention"), 1);
  EXPECT_EQ(One("user_retention").denominator, 20);
  EXPECT_EQ(Count("user_retention", {{"unit", "interaction"}}), 17);
  EXPECT_EQ(Guide("user_retention"), 20);
}

TEST_P(PublishedSamples, GiveTheValuesOfConversationsThatMetricsSays) {
  EXPECT_EQ(Count("conversations_total"), 129);
  EXPECT_EQ(One("conversations_total").beside[0], 129);
  EXPECT_EQ(Guide("conversations_total"), 143);
  EXPECT_EQ(Grouped("conversations_by_route", "DM"), 129);
  EXPECT_EQ(Grouped("conversations_by_route", "Notification"), 14);
  EXPECT_EQ(Grouped("conversations_by_domain", "OTHER"), 55);
  EXPECT_EQ(Grouped("conversations_by_domain", "IT"), 47);
  EXPECT_EQ(Grouped("conversations_by_domain", "HR"), 18);
  EXPECT_EQ(Grouped("conversation_topics", "other_software_operations"), 13);
  EXPECT_EQ(Grouped("conversation_topics", "vpn"), 12);
  EXPECT_EQ(Grouped("conversation_topics", "pto"), 11);
  EXPECT_EQ(Ask("conversation_topics", {{"top", "1000"}}).cells.size(), 33u);
  EXPECT_EQ(Ask("conversation_topics").cells.size(), 20u);
}

TEST_P(PublishedSamples, GiveTheValuesOfInteractionsThatMetricsSays) {
  EXPECT_EQ(Grouped("feedback_clicks", "helpful"), 1);
  EXPECT_EQ(Grouped("feedback_clicks", "unhelpful"), 1);
  EXPECT_TRUE(Ask("feedback_clicks", {}, true).cells.empty());
  EXPECT_TRUE(Ask("feedback_forms").cells.empty());
  EXPECT_EQ(Count("live_agent_transfers"), 1);
  EXPECT_EQ(One("live_agent_transfers").beside[0], 1);
  EXPECT_EQ(Count("live_agent_requests"), 1);
  EXPECT_EQ(Guide("live_agent_requests"), 0);
  EXPECT_EQ(Count("tickets_created"), 1);
  EXPECT_EQ(Grouped("ticket_forms", "it_ticket"), 1);
  EXPECT_EQ(Grouped("ticket_forms", "form_request"), 7);
  EXPECT_TRUE(Ask("ticket_forms", {}, true).cells.empty());
}

TEST_P(PublishedSamples, GiveTheValuesOfNotificationsAndSurveysThatMetricsSays) {
  EXPECT_EQ(Count("notifications_sent"), 14);
  EXPECT_EQ(Count("notifications_engaged"), 14);
  EXPECT_EQ(One("notifications_engaged").denominator, 14);
  EXPECT_EQ(Grouped("notifications_by_type", "(untyped)"), 14);
  EXPECT_EQ(Grouped("notification_types_engaged", "(untyped)"), 14);
  EXPECT_EQ(Count("csat_sent"), 0);
  EXPECT_EQ(One("csat_response_rate").value, std::nullopt);
  EXPECT_TRUE(Ask("csat_scores_all").cells.empty());
  EXPECT_EQ(One("csat_scores_final").value, std::nullopt);
  EXPECT_EQ(Count("csat_comments"), 0);
}

TEST_P(PublishedSamples, GiveTheValuesOfPluginsThatMetricsSays) {
  EXPECT_EQ(Count("knowledge_gaps"), 15);
  EXPECT_EQ(Count("knowledge_gaps", {{"answered_elsewhere", "include"}}), 68);
  EXPECT_EQ(Guide("knowledge_gaps"), 0);
  const Cell approvals = One("approvals_processed");
  EXPECT_EQ(approvals.numerator, 22);
  EXPECT_EQ(approvals.beside[0], 22);
  EXPECT_EQ(approvals.beside[1], 29);
  EXPECT_EQ(Grouped("custom_plugin_usage", "vacation_request"), 21);
  EXPECT_EQ(One("time_savings", {{"hours", "Grant Software Access=0.5"}}).value, 1.5);
  EXPECT_EQ(Guide("plugin_success_rate"), 0);
  EXPECT_EQ(One("plugin_success_rate", {}, true).denominator, 0);
}

TEST_P(PublishedSamples, GiveTheValuesOfDeflectionAndResponseThatMetricsSays) {
  const Cell deflections = One("deflections");
  EXPECT_EQ(deflections.numerator, 169);
  EXPECT_EQ(deflections.denominator, 177);
  EXPECT_EQ(Guide("deflections"), 177);
  EXPECT_EQ(Count("deflections", {{"number_labels", "none"}, {"clicks", "no"}}), 175);
  EXPECT_EQ(Count("deflections", {{"attribution", "parent"}}), 177);
  const Cell each = One("mttr");
  EXPECT_EQ(each.numerator, 1'873'376);
  EXPECT_EQ(each.denominator, 196);
  EXPECT_NEAR(*each.value, 9'558, 0.5);
  EXPECT_NEAR(*One("mttr", {{"response", "first"}}).value, 9'144, 0.5);
  EXPECT_NEAR(*One("mttr", {{"response", "last"}}).value, 9'644, 0.5);
  EXPECT_NEAR(*One("mttr", {}, true).value, 10'584, 0.5);
  const Cell kept = One("mttr_without_escalations");
  EXPECT_EQ(kept.denominator, 189);
  EXPECT_NEAR(*kept.value, 9'549, 0.5);
}

TEST_P(PublishedSamples, AgreeWithTheLoopsBySegmentToo) {
  const PlainRecords records = ReadPlain(raw_);
  Settings loops;
  for (size_t i = 0; i < records.users.size(); ++i) {
    if (i % 3 != 0) loops.segments[records.users[i].id] = i % 3 == 1 ? "Field, \'North\'" : "Office";
  }
  ExpectAgreement(*warehouse_, records,
                  {.from = "2025-08-01", .to = "2025-08-03", .by = "total", .loops = loops}, {"segment"});
}

TEST_P(PublishedSamples, AgreeWithTheLoopsInEveryCell) {
  const PlainRecords records = ReadPlain(raw_);
  ExpectAgreement(*warehouse_, records, {.from = "2025-08-01", .to = "2025-08-03"}, {""});
  if (GetParam().name != "Sqlite") return;
  ExpectAgreement(*warehouse_, records, {.from = "2025-08-01", .to = "2025-08-03", .by = "total"},
                  {"route", "domain", "platform", "plugin", "language"});
  ExpectAgreement(*warehouse_, records,
                  {.from = "2025-07-28", .to = "2025-08-11", .zone = "America/Los_Angeles", .by = "week"},
                  {""});
}

INSTANTIATE_TEST_SUITE_P(AllSystems, PublishedSamples, ::testing::ValuesIn(AllKinds()),
                         [](const auto& info) { return info.param.name; });

}  // namespace penstock::metrics
