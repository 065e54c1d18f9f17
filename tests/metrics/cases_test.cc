// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/metrics/agreement.h"
#include "tests/metrics/tenant_builder.h"

namespace penstock::metrics {

using destinations::WarehouseKind;

// One tenant for each case that is easily computed wrong. What is expected is written down; at the end of each test all
// metrics of SQLite agree with the loops too.
class MetricCases : public ::testing::TestWithParam<WarehouseKind> {
 protected:
  MetricCases() {
    tenant_.User("u1", true);
    tenant_.Conversation("c1", "2026-03-10T09:59:00.000Z");
  }

  // The first call loads the tenant.
  Answer Ask(const std::string& name, std::map<std::string, std::string> parameters = {},
             bool guide = false) {
    if (warehouse_ == nullptr) {
      warehouse_ = std::make_unique<MetricsWarehouse>(GetParam());
      warehouse_->Load(tenant_.records());
    }
    const auto request = MakeRequest({.name = name,
                                      .from = from_,
                                      .to = to_,
                                      .zone = zone_,
                                      .by = by_,
                                      .parameters = std::move(parameters),
                                      .guide = guide});
    EXPECT_TRUE(request.ok()) << request.status();
    return request.ok() ? warehouse_->Run(*request) : Answer();
  }
  Cell Total(const std::string& name, std::map<std::string, std::string> parameters = {},
             bool guide = false) {
    const Answer answer = Ask(name, std::move(parameters), guide);
    return answer.cells.empty() ? Cell() : answer.cells.back();
  }
  double Of(const std::string& name, const std::string& group) {
    for (const Cell& cell : Ask(name).cells) {
      if (cell.period == kTotal && cell.groups.at(0) == group) return cell.numerator;
    }
    return 0;
  }
  double In(const std::string& name, const std::string& period) {
    for (const Cell& cell : Ask(name).cells) {
      if (cell.period == period) return cell.numerator;
    }
    ADD_FAILURE() << name << " has no period " << period;
    return 0;
  }
  void ExpectLoopsToAgree() {
    // The others agree with it in odd_tenant_test.cc; a server takes its time for a statement.
    if (GetParam().name != "Sqlite") return;
    ExpectAgreement(*warehouse_, ReadPlain(tenant_.records()),
                    {.from = from_, .to = to_, .zone = zone_, .by = by_}, {""});
  }

  std::string from_ = "2026-03-10";
  std::string to_ = "2026-03-11";
  std::string zone_ = "UTC";
  std::string by_ = "day";
  TenantBuilder tenant_;
  std::unique_ptr<MetricsWarehouse> warehouse_;
};

TEST_P(MetricCases, BothKindsOfTicketFormsAreFilteredAndNeitherCountsAsUndated) {
  tenant_.Conversation("c1", "2026-03-10T07:00:00.000Z", "u1", "DM");
  tenant_.Form("request", "2026-03-10T08:00:00.000Z", {}, "file_ticket", "RITM1");
  EXPECT_EQ(Of("ticket_forms", "form_request"), 1);
  EXPECT_TRUE(Ask("ticket_forms").warnings.empty()) << "every form has its time";
  const auto elsewhere =
      MakeRequest({.name = "ticket_forms", .from = from_, .to = to_, .by = by_, .where = {"route=Channel"}});
  ASSERT_TRUE(elsewhere.ok()) << elsewhere.status();
  EXPECT_TRUE(warehouse_->Run(*elsewhere).cells.empty());
}

TEST_P(MetricCases, AFormFourStepsBelowItsQuestionIsTiedToIt) {
  tenant_.Question("question", "2026-03-10T08:00:00.000Z");
  tenant_.Answer("answer", "2026-03-10T08:00:05.000Z", "question");
  tenant_.Interaction({.id = "button",
                       .at = "2026-03-10T09:30:00.000Z",
                       .type = "INTERACTION_TYPE_BUTTON_CLICK",
                       .parent = "answer",
                       .content = "File a ticket"});
  tenant_.Answer("offer", "2026-03-10T09:30:01.000Z", "button");
  // Nearer in time, but not where the form's parents lead.
  tenant_.Question("other", "2026-03-10T10:00:00.000Z");
  tenant_.Form("form", "2026-03-10T10:01:00.000Z", "offer", "handoff", "File an IT Ticket");
  const Cell cell = Total("deflections");
  EXPECT_EQ(cell.numerator, 1);
  EXPECT_EQ(cell.denominator, 2);
  EXPECT_EQ(cell.unattributed, 0);
  EXPECT_EQ(Total("deflections", {}, true).numerator, 2);
  EXPECT_EQ(Total("mttr").numerator, 5'000);
  EXPECT_EQ(Total("mttr_without_escalations").denominator, 0);
  EXPECT_EQ(Total("mttr_without_escalations").value, std::nullopt);
  ExpectLoopsToAgree();
}

TEST_P(MetricCases, ASignalWhoseParentsGoInACircleIsShownAsUnattributed) {
  tenant_.Question("question", "2026-03-10T10:00:00.000Z");
  tenant_.Answer("one", "2026-03-10T10:00:01.000Z", "two");
  tenant_.Answer("two", "2026-03-10T10:00:02.000Z", "one");
  tenant_.Form("form", "2026-03-10T10:01:00.000Z", "one", "handoff", "File an IT Ticket");
  EXPECT_EQ(Total("deflections").numerator, 1);
  EXPECT_EQ(Total("deflections").unattributed, 1);
  ExpectLoopsToAgree();
}

TEST_P(MetricCases, ADanglingParentFallsBackToTheHourBeforeAndNoFurther) {
  tenant_.Question("early", "2026-03-10T10:00:00.000Z");
  tenant_.Question("late", "2026-03-10T10:30:00.000Z");
  tenant_.Form("form", "2026-03-10T11:30:00.000Z", "gone", "handoff", "File an IT Ticket");
  tenant_.Form("too late", "2026-03-10T11:30:00.001Z", "gone", "handoff", "File an IT Ticket");
  EXPECT_EQ(Total("deflections").numerator, 1);
  EXPECT_EQ(Total("deflections").unattributed, 1);
  EXPECT_EQ(Total("deflections", {{"attribution", "parent"}}).unattributed, 2);
  ExpectLoopsToAgree();
}

TEST_P(MetricCases, TheLastVerdictHoldsForEveryCallOfTheInteraction) {
  tenant_.Question("question", "2026-03-10T10:00:00.000Z");
  tenant_.Answer("answer", "2026-03-10T10:00:05.000Z", "question");
  tenant_.Call("search", "2026-03-10T10:00:01.000Z", "question", "Enterprise Search", true, true);
  tenant_.Call("forms", "2026-03-10T10:00:02.000Z", "question", "Forms", true, true);
  tenant_.Call("unused", "2026-03-10T10:00:02.000Z", "question", "Forms", true, false);
  tenant_.Thumb("up", "2026-03-10T10:01:00.000Z", "answer", "HELPFUL");
  tenant_.Interaction({.id = "down",
                       .at = "2026-03-10T10:02:00.000Z",
                       .type = "INTERACTION_TYPE_UIFORM_SUBMISSION",
                       .parent = "answer",
                       .label = "feedback",
                       .content = "wrong",
                       .detail = "Unhelpful"});
  const Cell cell = Total("plugin_success_rate");
  EXPECT_EQ(cell.numerator, 0);
  EXPECT_EQ(cell.denominator, 2);
  EXPECT_EQ(Total("plugin_success_rate", {{"plugins", "forms"}}).denominator, 1);
  EXPECT_EQ(Total("plugin_success_rate", {}, true).denominator, 0);
  EXPECT_EQ(Total("deflections").numerator, 0);
  EXPECT_EQ(Of("feedback_forms", "unhelpful"), 1);
  EXPECT_EQ(Of("feedback_clicks", "helpful"), 1);
  ExpectLoopsToAgree();
}

TEST_P(MetricCases, CallsWithoutFeedbackAreSharedOutByPlugin) {
  tenant_.Question("one", "2026-03-10T10:00:00.000Z");
  tenant_.Question("two", "2026-03-10T11:30:00.000Z");
  tenant_.Question("three", "2026-03-10T13:00:00.000Z");
  for (const char* question : {"one", "two", "three"}) {
    tenant_.Call(std::string("f ") + question, "2026-03-10T13:00:00.000Z", question, "Forms", true, true);
  }
  tenant_.Call("unrated", "2026-03-10T13:00:00.000Z", "three", "Reset MFA", true, true);
  tenant_.Thumb("up", "2026-03-10T13:10:00.000Z", "one", "HELPFUL");
  tenant_.Thumb("down", "2026-03-10T13:10:00.000Z", "two", "UNHELPFUL");
  EXPECT_EQ(Total("plugin_success_rate").value, 0.5);
  EXPECT_EQ(Total("plugin_success_rate", {{"missing", "neutral"}}).value, 0.25);
  // Forms: one of two and half of the third. Reset MFA has no verdict and stays out.
  EXPECT_EQ(Total("plugin_success_rate", {{"missing", "proportional"}}).numerator, 1.5);
  EXPECT_EQ(Total("plugin_success_rate", {{"missing", "proportional"}}).denominator, 3);
  ExpectLoopsToAgree();
}

TEST_P(MetricCases, ATicketAfterMidnightBelongsToTheQuestionBeforeIt) {
  tenant_.Question("question", "2026-03-10T23:59:00.000Z");
  tenant_.Form("form", "2026-03-11T00:05:00.000Z", {}, "file_ticket", "RITM001");
  EXPECT_EQ(Total("deflections").numerator, 0);
  EXPECT_EQ(Total("deflections").denominator, 1);
  EXPECT_TRUE(Ask("ticket_forms").cells.empty());
  ExpectLoopsToAgree();
}

TEST_P(MetricCases, ALinkedRowAfterLinkDaysChangesNothing) {
  tenant_.Question("question", "2026-03-10T10:00:00.000Z");
  tenant_.Answer("answer", "2026-03-10T10:00:05.000Z", "question");
  tenant_.Form("form", "2026-03-17T10:00:00.001Z", "answer", "file_ticket", "RITM001");
  EXPECT_EQ(Total("deflections").numerator, 1);
  EXPECT_EQ(Total("deflections", {{"link_days", "8"}}).numerator, 0);
  ExpectLoopsToAgree();
}

TEST_P(MetricCases, AClickOnCancelErasesNoRating) {
  tenant_.Survey("s1", "2026-03-10T10:00:00.000Z");
  int minute = 10;
  for (const char* label : {"5", "2", "Cancel"}) {
    tenant_.Interaction({.id = label,
                         .at = "2026-03-10T10:" + std::to_string(minute++) + ":00.000Z",
                         .type = "INTERACTION_TYPE_BUTTON_CLICK",
                         .conversation = "s1",
                         .content = label});
  }
  EXPECT_EQ(Total("csat_scores_final").value, 2);
  EXPECT_EQ(Total("csat_scores_final", {}, true).value, std::nullopt);
  EXPECT_EQ(Of("csat_scores_all", "5"), 1);
  EXPECT_EQ(Of("csat_scores_all", "2"), 1);
  EXPECT_EQ(Of("csat_scores_all", "(unparsed)"), 1);
  EXPECT_EQ(Total("csat_response_rate").value, 1);
  ExpectLoopsToAgree();
}

TEST_P(MetricCases, ACommentIsAResponseAndNoRatingAndAClickOnCancelIsNeither) {
  tenant_.Survey("s1", "2026-03-10T10:00:00.000Z");
  tenant_.Survey("s2", "2026-03-10T10:00:00.000Z", "u2");
  tenant_.Interaction({.id = "comment",
                       .at = "2026-03-10T10:05:00.000Z",
                       .type = "INTERACTION_TYPE_UIFORM_SUBMISSION",
                       .conversation = "s1",
                       .label = "mw_form",
                       .content = "good",
                       .detail = "CSAT Feedback"});
  tenant_.Interaction({.id = "blank",
                       .at = "2026-03-10T10:06:00.000Z",
                       .type = "INTERACTION_TYPE_UIFORM_SUBMISSION",
                       .conversation = "s2",
                       .user = "u2",
                       .label = "mw_form",
                       .content = " ",
                       .detail = "CSAT Feedback"});
  tenant_.Interaction({.id = "cancel",
                       .at = "2026-03-10T10:07:00.000Z",
                       .type = "INTERACTION_TYPE_BUTTON_CLICK",
                       .conversation = "s2",
                       .user = "u2",
                       .content = "Cancel"});
  const Cell rate = Total("csat_response_rate");
  EXPECT_EQ(rate.numerator, 1);
  EXPECT_EQ(rate.denominator, 2);
  EXPECT_EQ(rate.beside[0], 2);
  EXPECT_EQ(Total("csat_response_rate", {}, true).numerator, 2);
  EXPECT_EQ(Total("csat_scores_final").denominator, 0);
  EXPECT_EQ(Total("csat_comments").numerator, 1);
  ExpectLoopsToAgree();
}

TEST_P(MetricCases, ASurveyAnsweredInTheNextMonthBelongsToItsOwn) {
  from_ = "2026-03-01";
  to_ = "2026-05-01";
  by_ = "month";
  tenant_.Survey("s1", "2026-03-31T23:00:00.000Z");
  tenant_.Interaction({.id = "click",
                       .at = "2026-04-02T10:00:00.000Z",
                       .type = "INTERACTION_TYPE_BUTTON_CLICK",
                       .conversation = "s1",
                       .content = "★★★★"});
  tenant_.Survey("s2", "2026-03-01T00:00:00.000Z");
  tenant_.Interaction({.id = "too late",
                       .at = "2026-03-31T00:00:00.001Z",
                       .type = "INTERACTION_TYPE_BUTTON_CLICK",
                       .conversation = "s2",
                       .content = "4 stars"});
  EXPECT_EQ(In("csat_response_rate", "2026-03-01"), 1);
  EXPECT_EQ(In("csat_response_rate", "2026-04-01"), 0);
  EXPECT_EQ(In("csat_scores_final", "2026-03-01"), 4);
  EXPECT_EQ(Total("csat_sent").numerator, 2);
  ExpectLoopsToAgree();
}

TEST_P(MetricCases, RatingsAreReadFromStarsDigitsAndConfiguredWords) {
  int second = 10;
  for (const char* label : {"⭐⭐⭐", "★★★★★★", "4/5", "Rated 1", "10", "***", "Superb", "", "٣"}) {
    const std::string id = "s" + std::to_string(second);
    tenant_.Survey(id, "2026-03-10T10:00:00.000Z");
    tenant_.Interaction({.id = "click " + id,
                         .at = "2026-03-10T10:01:" + std::to_string(second++) + ".000Z",
                         .type = "INTERACTION_TYPE_BUTTON_CLICK",
                         .conversation = id,
                         .content = label});
  }
  const Cell cell = Total("csat_scores_final");
  EXPECT_EQ(cell.denominator, 3);  // three stars, a one, three asterisks
  EXPECT_EQ(cell.numerator, 7);
  EXPECT_EQ(Total("csat_scores_final", {{"ratings", "superb=5"}}).numerator, 12);
  ExpectLoopsToAgree();
}

TEST_P(MetricCases, AFormInAnotherLanguageCountsWhenItIsConfigured) {
  tenant_.Question("question", "2026-03-10T10:00:00.000Z");
  tenant_.Form("form", "2026-03-10T10:01:00.000Z", "question", "mw_form", "  Créer  un ticket !");
  tenant_.Form("other", "2026-03-10T10:02:00.000Z", "question", "mw_form", "Edit request");
  EXPECT_EQ(Total("deflections").numerator, 1);
  EXPECT_EQ(Total("deflections", {{"ticket_forms", "File IT Ticket,Créer un ticket"}}).numerator, 0);
  ExpectLoopsToAgree();
}

TEST_P(MetricCases, FormNamesAreComparedWithoutArticlesBlanksAndPunctuation) {
  int second = 10;
  for (const char* name :
       {"File an IT Ticket", "file the  it   ticket.", "Please file a an the IT ticket now",
        "FILE IT TICKET!?", "File IT Tickets", "Profile it ticket", "File it a nice ticket", "the"}) {
    tenant_.Form("f" + std::to_string(second), "2026-03-10T10:01:" + std::to_string(second) + ".000Z", {},
                 "handoff", name);
    ++second;
  }
  EXPECT_EQ(Of("ticket_forms", "it_ticket"), 6);  // "contains": a longer word around it too
  ExpectLoopsToAgree();
}

TEST_P(MetricCases, AnInterceptionWithoutTheBotIsAConversationNobodyEngagedIn) {
  tenant_.Conversation("c2", "2026-03-10T10:00:00.000Z", "u2", "Ticket_Interception", {},
                       "CONVERSATION_TYPE_TICKET_INTERCEPTION");
  tenant_.Question("question", "2026-03-10T10:00:00.000Z");
  EXPECT_EQ(Total("conversations_total").numerator, 2);
  EXPECT_EQ(Total("conversations_total").beside[0], 1);
  EXPECT_EQ(Of("conversations_by_route", "Ticket"), 1);
  ExpectLoopsToAgree();
}

TEST_P(MetricCases, ANotifiedUserWithoutAnActionIsNotActive) {
  tenant_.Conversation("n1", "2026-03-10T10:00:00.000Z", "u2", "Notification");
  tenant_.Interaction({.id = "sent",
                       .at = "2026-03-10T10:00:01.000Z",
                       .type = "INTERACTION_TYPE_BOT_MESSAGE",
                       .conversation = "n1",
                       .user = "u2",
                       .actor = "bot",
                       .content = "hello"});
  tenant_.Question("question", "2026-03-10T10:00:00.000Z");
  EXPECT_EQ(Total("active_users").numerator, 1);
  EXPECT_EQ(Total("active_users", {}, true).numerator, 2);
  EXPECT_EQ(Total("notifications_engaged").numerator, 0);
  EXPECT_EQ(Total("notifications_engaged").denominator, 1);
  ExpectLoopsToAgree();
}

TEST_P(MetricCases, AnActiveUserWithoutAccessStandsBesideTheRate) {
  tenant_.User("u2", false);
  tenant_.User("u3", true);
  tenant_.Question("question", "2026-03-10T10:00:00.000Z");
  tenant_.Interaction(
      {.id = "other", .at = "2026-03-10T10:00:00.000Z", .type = "INTERACTION_TYPE_FREE_TEXT", .user = "u2"});
  const Cell cell = Total("adoption_over_time");
  EXPECT_EQ(cell.numerator, 1);
  EXPECT_EQ(cell.denominator, 2);
  EXPECT_EQ(cell.beside[0], 2);
  EXPECT_EQ(cell.beside[1], 1);
  ExpectLoopsToAgree();
}

TEST_P(MetricCases, AShortAndALongDayAreOneDayEach) {
  zone_ = "Europe/Berlin";
  from_ = "2026-03-28";
  to_ = "2026-03-31";
  // 29 March has 23 hours there: 22:59:59 UTC of the 28th to 22:00 UTC of the 29th.
  tenant_.Question("before", "2026-03-28T22:59:59.999Z");
  tenant_.Question("first", "2026-03-28T23:00:00.000Z");
  tenant_.Question("last", "2026-03-29T21:59:59.999Z");
  tenant_.Question("after", "2026-03-29T22:00:00.000Z");
  for (const char* id : {"before", "first", "last", "after"})
    tenant_.Answer(std::string("to ") + id, "2026-03-29T22:00:00.000Z", id);
  const Answer answer = Ask("deflections");
  ASSERT_EQ(answer.cells.size(), 4u);
  EXPECT_EQ(answer.cells[0].denominator, 1);
  EXPECT_EQ(answer.cells[1].denominator, 2);
  EXPECT_EQ(answer.cells[2].denominator, 1);
  EXPECT_EQ(Total("user_retention", {{"min", "3"}}).numerator, 1);
  ExpectLoopsToAgree();
}

TEST_P(MetricCases, TheLongDayEndsAnHourLater) {
  zone_ = "Europe/Berlin";
  from_ = "2026-10-25";
  to_ = "2026-10-26";
  tenant_.Question("first", "2026-10-24T22:00:00.000Z");
  tenant_.Question("last", "2026-10-25T22:59:59.999Z");
  tenant_.Question("after", "2026-10-25T23:00:00.000Z");
  EXPECT_EQ(Total("deflections").denominator, 2);
  ExpectLoopsToAgree();
}

TEST_P(MetricCases, AnAnswerOlderThanItsQuestionIsCountedApart) {
  tenant_.Question("question", "2026-03-10T10:00:00.000Z");
  tenant_.Answer("older", "2026-03-10T09:59:59.000Z", "question");
  tenant_.Answer("answer", "2026-03-10T10:00:04.000Z", "question");
  tenant_.Question("nobody", "2026-03-10T10:10:00.000Z");
  const Cell cell = Total("mttr");
  EXPECT_EQ(cell.numerator, 4'000);
  EXPECT_EQ(cell.denominator, 1);
  EXPECT_EQ(cell.beside[0], 4'000);
  EXPECT_EQ(cell.beside[2], 1);
  EXPECT_EQ(cell.beside[3], 1);
  EXPECT_EQ(Total("mttr", {{"response", "first"}}).numerator, 4'000);
  ExpectLoopsToAgree();
}

TEST_P(MetricCases, RowsWithoutADetailAreRowsAllTheSame) {
  int second = 10;
  for (const char* type :
       {"FREE_TEXT", "BOT_MESSAGE", "BUTTON_CLICK", "LINK_CLICK", "UIFORM_SUBMISSION", "CONTENT_UPLOAD"}) {
    tenant_.Interaction({.id = type,
                         .at = "2026-03-10T10:00:" + std::to_string(second++) + ".000Z",
                         .type = std::string("INTERACTION_TYPE_") + type,
                         .label = "mw_form",
                         .no_detail = true});
  }
  EXPECT_EQ(Total("active_users").numerator, 1);
  EXPECT_EQ(Total("deflections").numerator, 1);
  ExpectLoopsToAgree();
}

INSTANTIATE_TEST_SUITE_P(QuickSystems, MetricCases, ::testing::ValuesIn(QuickKinds()),
                         [](const auto& info) { return info.param.name; });

}  // namespace penstock::metrics
