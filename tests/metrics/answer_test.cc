// SPDX-License-Identifier: Apache-2.0
#include "metrics/answer.h"

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "metrics/dialects/sqlite.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::metrics {
namespace {

// What the warehouse gave is written down here; what becomes of it is tested.
class Answers : public ::testing::Test {
 protected:
  void Ask(Question question) {
    if (question.from.empty()) question.from = "2026-03-10", question.to = "2026-03-12", question.by = "day";
    auto made = MakeRequest(question);
    ASSERT_OK(made.status());
    request_ = *made;
    statement_ = CellsSql(request_, SqliteDialect(TableNames::kGuide));
  }
  Answer Made(const TextRows& rows, const TextRows& unattributed = {}) {
    auto answer = MakeAnswer(request_, statement_, {rows, unattributed, undated_, coverage_}, now_);
    EXPECT_OK(answer.status());
    return answer.ok() ? *answer : Answer();
  }
  void Settle(Endpoint endpoint, std::initializer_list<const char*> days) {
    TextRows rows;
    for (const char* day : days) rows.push_back({std::string(Name(endpoint)), day, "settled"});
    for (const auto& [each, settled] : ReadCoverage(rows).settled)
      coverage_.settled[each].insert(settled.begin(), settled.end());
  }

  Request request_;
  Statement statement_;
  Coverage coverage_;
  TextRows undated_;
  absl::Time now_ = absl::InfiniteFuture();
};

TEST_F(Answers, HaveEveryPeriodWithNothingAsZeroForCountsAndNoneForRatios) {
  Ask({.name = "new_users", .from = ""});
  Answer answer = Made({{"total", "3"}, {"2026-03-11", "3"}});
  ASSERT_EQ(answer.cells.size(), 3u);
  EXPECT_EQ(answer.cells[0].period, "2026-03-10");
  EXPECT_EQ(answer.cells[0].value, 0);
  EXPECT_EQ(answer.cells[1].value, 3);
  EXPECT_EQ(answer.cells[2].period, "total");
  Ask({.name = "csat_response_rate", .from = ""});
  answer = Made({{"total", "1", "4", "2"}, {"2026-03-11", "1", "4", "2"}});
  EXPECT_EQ(answer.cells[0].value, std::nullopt);
  EXPECT_EQ(answer.cells[0].denominator, 0);
  EXPECT_EQ(answer.cells[1].value, 0.25);
}

TEST_F(Answers, HaveEveryGroupOfTheTotalInEveryPeriod) {
  Ask({.name = "conversations_by_route", .from = ""});
  const Answer answer = Made({{"total", "Ticket", "1"},
                              {"total", "DM", "2"},
                              {"2026-03-10", "DM", "2"},
                              {"2026-03-11", "Ticket", "1"}});
  ASSERT_EQ(answer.cells.size(), 6u);
  EXPECT_EQ(answer.cells[0].groups, std::vector<std::string>{"DM"});
  EXPECT_EQ(answer.cells[1].groups, std::vector<std::string>{"Ticket"});
  EXPECT_EQ(answer.cells[1].value, 0);
}

TEST_F(Answers, ShowTheFirstGroupsOfARankingTiesByName) {
  Ask({.name = "conversation_topics",
       .from = "2026-03-10",
       .to = "2026-03-11",
       .parameters = {{"top", "2"}}});
  const Answer answer = Made({{"total", "vpn", "5"}, {"total", "pto", "9"}, {"total", "mfa", "5"}});
  ASSERT_EQ(answer.cells.size(), 2u);
  EXPECT_EQ(answer.cells[0].groups[0], "pto");
  EXPECT_EQ(answer.cells[1].groups[0], "mfa");
}

TEST_F(Answers, HideTheRateOfATypeOfWhichFewWereSent) {
  Ask({.name = "notification_types_engaged", .from = "2026-03-10", .to = "2026-03-11"});
  const Answer answer = Made({{"total", "A", "29", "29"}, {"total", "B", "15", "30"}});
  EXPECT_EQ(answer.cells[0].value, std::nullopt);
  EXPECT_EQ(answer.cells[0].denominator, 29);
  EXPECT_EQ(answer.cells[1].value, 0.5);
}

TEST_F(Answers, AreProvisionalUntilEveryDayIsSettledAndLinkedRowsCouldCome) {
  Ask({.name = "deflections", .from = ""});
  const TextRows rows = {{"total", "1", "1", "0", "0", "0"}};
  EXPECT_TRUE(Made(rows).cells[0].provisional);
  Settle(Endpoint::kInteractions, {"2026-03-10"});
  EXPECT_FALSE(Made(rows).cells[0].provisional);
  EXPECT_TRUE(Made(rows).cells[1].provisional);
  EXPECT_TRUE(Made(rows).cells[2].provisional);
  Settle(Endpoint::kInteractions, {"2026-03-11"});
  EXPECT_FALSE(Made(rows).cells[2].provisional);
  // Seven days after the first day ends.
  now_ = absl::FromCivil(absl::CivilSecond(2026, 3, 18), absl::UTCTimeZone());
  EXPECT_FALSE(Made(rows).cells[0].provisional);
  EXPECT_TRUE(Made(rows).cells[1].provisional);
  now_ -= absl::Seconds(1);
  EXPECT_TRUE(Made(rows).cells[0].provisional);
}

TEST_F(Answers, OfTheRosterAreProvisionalUntilItIsReadLater) {
  Ask({.name = "new_users", .from = ""});
  coverage_ = ReadCoverage({{"users", "2026-03-11", "settled"}});
  EXPECT_FALSE(Made({}).cells[0].provisional);
  EXPECT_TRUE(Made({}).cells[1].provisional);
}

TEST_F(Answers, CountWhatCouldNotBeAttributedInItsPeriod) {
  Ask({.name = "deflections", .from = ""});
  const Answer answer = Made({{"total", "1", "1", "0", "0", "0"}}, {{"2026-03-11", "4"}, {"total", "4"}});
  EXPECT_EQ(answer.cells[0].unattributed, 0);
  EXPECT_EQ(answer.cells[1].unattributed, 4);
  EXPECT_EQ(answer.cells[2].unattributed, 4);
}

TEST_F(Answers, WarnOfRowsWithoutATimeAndOfWhatChangedAtTheSource) {
  undated_ = {{"3"}};
  Ask({.name = "deflections", .from = "2025-08-01", .to = "2025-09-01"});
  EXPECT_THAT(Made({}).warnings,
              ::testing::ElementsAre("3 rows have no created_time and are left out",
                                     "before 2025-08-12 no form, click or link had a parent"));
  undated_ = {{"0"}};
  Ask({.name = "notifications_sent", .from = "2026-03-01", .to = "2026-05-01"});
  EXPECT_EQ(Made({}).warnings.size(), 1u);
  Ask({.name = "notifications_sent", .from = "2026-04-01", .to = "2026-05-01"});
  EXPECT_TRUE(Made({}).warnings.empty());
}

TEST_F(Answers, RefuseRowsThatAreNotTheStatements) {
  Ask({.name = "new_users", .from = ""});
  EXPECT_FALSE(MakeAnswer(request_, statement_, {.cells = {{"total"}}}, now_).ok());
  EXPECT_FALSE(MakeAnswer(request_, statement_, {.cells = {{"total", "many"}}}, now_).ok());
}

}  // namespace
}  // namespace penstock::metrics
