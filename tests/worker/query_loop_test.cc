// SPDX-License-Identifier: Apache-2.0
// A worker's query role: what it asks of a destination, and what it tells the coordinator.
#include "worker/query_loop.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "proto/convert.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_coordinator.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::worker {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

// What a warehouse is told to say, and what it was asked.
struct Told {
  std::vector<destinations::TextRow> numbers;  // of the first statement; the others find nothing
  absl::Status failure;
  std::function<void()> meanwhile;  // before each look at whether to keep on
  int looks = 0;                    // how often it looks while it works on its first query
  std::vector<std::string> statements;
  std::vector<std::string> views;
};

class ToldDestination final : public destinations::Destination {
 public:
  explicit ToldDestination(Told* told) : told_(*told) {}
  std::string Describe() const override { return "told"; }
  absl::Status EnsureTables() override { return absl::OkStatus(); }
  absl::StatusOr<destinations::LoadCursor> ReadCursor() override { return destinations::LoadCursor(); }
  absl::StatusOr<destinations::BatchCounts> Upsert(const std::vector<destinations::TypedRow>&,
                                                   const destinations::LoadCursor&,
                                                   const destinations::LoadCursor&) override {
    return absl::InternalError("a query writes nothing");
  }
  absl::StatusOr<destinations::SetAside> ReadSetAside(size_t) override { return destinations::SetAside(); }
  absl::Status Check() override { return absl::OkStatus(); }
  absl::Status Query(const destinations::ReadQuery& query, const destinations::RowSink& sink) override {
    told_.statements = query.statements;
    for (; told_.looks > 0; --told_.looks) {
      if (told_.meanwhile) told_.meanwhile();
      RETURN_IF_ERROR(query.keep_on());
    }
    RETURN_IF_ERROR(told_.failure);
    for (const destinations::TextRow& row : told_.numbers) RETURN_IF_ERROR(sink(0, row));
    return absl::OkStatus();
  }
  absl::Status CreateViews(const std::vector<std::string>& statements) override {
    told_.views = statements;
    return told_.failure;
  }

 private:
  Told& told_;
};

class QueryLoop : public ::testing::Test {
 protected:
  QueryLoop() {
    config_.destinations["warehouse"] = {.name = "warehouse", .path = "warehouse.db"};
    told_.numbers = {{"total", "20"}};
  }

  static v1::QueryAssignment Assignment(const std::string& metric) {
    v1::QueryAssignment assignment;
    assignment.mutable_token()->set_counter(7);
    assignment.mutable_query()->set_destination("warehouse");
    v1::MetricQuestion& question = *assignment.mutable_query()->mutable_metric();
    question.set_metric(metric);
    question.set_from("2025-08-01");
    question.set_to("2025-08-03");
    *assignment.mutable_time_left() = ToProto(absl::Minutes(1));
    *assignment.mutable_report_every() = ToProto(absl::Seconds(2));
    assignment.set_max_rows(1'000);
    assignment.set_max_bytes(1 << 20);
    return assignment;
  }

  // The role at work until so many reports came; each as its messages.
  std::vector<std::vector<v1::ReportQueryRequest>> Work(v1::QueryAssignment assignment, size_t reports = 1) {
    coordinator_.queries.push_back(std::move(assignment));
    std::thread thread([&] {
      RunQueries("w1", config_, coordinator_, clock_, SystemRandom(), slot_,
                 [&](const DestinationConfig&) { return std::make_unique<ToldDestination>(&told_); });
    });
    coordinator_.Await([&] { return coordinator_.query_reports.size() >= reports; });
    Drain();
    thread.join();
    return coordinator_.query_reports;
  }
  // As the worker does when it stops.
  void Drain() {
    slot_.Drain();
    v1::SyncRequest draining;
    draining.set_draining(true);
    EXPECT_OK(coordinator_.Sync(draining));
  }

  Config config_;
  FakeClock clock_;
  FakeCoordinator coordinator_;
  TaskSlot slot_{v1::LeaseToken(), [] {}};
  Told told_;
};

TEST_F(QueryLoop, AQuestionIsAnsweredWithATableOfTheMetricsColumns) {
  const auto reports = Work(Assignment("active_users"));
  ASSERT_THAT(reports, SizeIs(1));
  ASSERT_THAT(reports[0], SizeIs(2));
  EXPECT_EQ(reports[0][0].token().counter(), 7u);
  const v1::QueryAnswer& answer = reports[0][0].answer();
  std::vector<std::string> columns;
  for (const v1::QueryColumn& column : answer.header().columns()) columns.push_back(column.name());
  EXPECT_THAT(columns,
              ElementsAre("period", "value", "numerator", "denominator", "provisional", "unattributed"));
  EXPECT_EQ(answer.header().time_zone(), "UTC");
  ASSERT_THAT(answer.rows(), SizeIs(1));
  EXPECT_EQ(answer.rows(0).values(0).text(), "total");
  EXPECT_EQ(answer.rows(0).values(1).number(), 20);
  EXPECT_EQ(answer.rows(0).values(3).value_case(), v1::QueryValue::VALUE_NOT_SET)
      << "a count is over nothing";
  EXPECT_TRUE(answer.rows(0).values(4).flag()) << "nothing is known to be settled";
  EXPECT_EQ(reports[0][1].end().rows(), 1u);
}

TEST_F(QueryLoop, ACompanysOwnTimeZoneNamesAndSegmentsAreUsed) {
  const std::string file = absl::StrCat(::testing::TempDir(), "/segments.", getpid(), ".csv");
  std::ofstream(file) << "user_id,segment\n7,Sales\n";
  config_.metrics.time_zone = "Europe/Berlin";
  config_.metrics.settings["exclude_routes"] = {{"Rehearsal"}, "p.yaml:9: key 'exclude_routes'"};
  config_.metrics.segments_file = file;
  v1::QueryAssignment assignment = Assignment("active_users");
  assignment.mutable_query()->mutable_metric()->set_group("segment");
  told_.numbers = {{"total", "Sales", "20"}};
  const auto reports = Work(assignment);
  std::filesystem::remove(file);
  ASSERT_THAT(reports, SizeIs(1));
  EXPECT_EQ(reports[0][0].answer().header().time_zone(), "Europe/Berlin");
  ASSERT_FALSE(told_.statements.empty());
  EXPECT_THAT(told_.statements[0], AllOf(HasSubstr("('7', 'Sales')"), HasSubstr("'rehearsal'")));
}

TEST_F(QueryLoop, AFileOfSegmentsThatIsNotThereIsTheAnswer) {
  config_.metrics.segments_file = "/nowhere/segments.csv";
  const auto reports = Work(Assignment("active_users"));
  ASSERT_THAT(reports, SizeIs(1));
  EXPECT_THAT(reports[0][0].failure().detail(), HasSubstr("/nowhere/segments.csv: cannot be read"));
}

TEST_F(QueryLoop, OnlySqlOfItsOwnGoesToTheDestination) {
  v1::QueryAssignment assignment = Assignment("active_users");
  assignment.mutable_query()->mutable_metric()->add_where("route=x'); DROP TABLE users; --");
  Work(assignment);
  ASSERT_FALSE(told_.statements.empty());
  EXPECT_THAT(told_.statements[0],
              AllOf(StartsWith("WITH "), HasSubstr("IN ('x''); drop table users; --')")));
}

TEST_F(QueryLoop, AWrongWordIsNamedWithTheNearestOne) {
  const auto reports = Work(Assignment("active_user"));
  ASSERT_THAT(reports, SizeIs(1));
  EXPECT_EQ(reports[0][0].failure().code(), static_cast<int>(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(reports[0][0].failure().detail(), HasSubstr("did you mean 'active_users'?"));
  EXPECT_THAT(told_.statements, IsEmpty());
}

TEST_F(QueryLoop, WhatTheDestinationRefusesIsToldWithItsCode) {
  told_.failure = absl::PermissionDeniedError("told: role 'reader' may not");
  const auto reports = Work(Assignment("active_users"));
  EXPECT_EQ(reports[0][0].failure().code(), static_cast<int>(absl::StatusCode::kPermissionDenied));
}

TEST_F(QueryLoop, ADestinationThatItDoesNotHaveIsToldToo) {
  v1::QueryAssignment assignment = Assignment("active_users");
  assignment.mutable_query()->set_destination("other");
  const auto reports = Work(assignment);
  EXPECT_EQ(reports[0][0].failure().code(), static_cast<int>(absl::StatusCode::kNotFound));
}

TEST_F(QueryLoop, AQuestionOfALaterVersionIsNotTakenForAnother) {
  v1::QueryAssignment assignment = Assignment("active_users");
  assignment.mutable_query()->clear_what();
  const auto reports = Work(assignment);
  EXPECT_EQ(reports[0][0].failure().code(), static_cast<int>(absl::StatusCode::kUnimplemented));
}

TEST_F(QueryLoop, WhileItWorksItSaysSoEveryTwoSeconds) {
  told_.looks = 5;
  told_.meanwhile = [&] { clock_.Advance(absl::Seconds(1)); };
  const auto reports = Work(Assignment("active_users"), 3);
  ASSERT_THAT(reports, SizeIs(3)) << "after 2 s, after 4 s, and the answer";
  EXPECT_TRUE(reports[0][0].has_progress());
  EXPECT_EQ(reports[0][0].token().counter(), 7u);
  EXPECT_TRUE(reports[2][0].has_answer());
}

TEST_F(QueryLoop, WhatNobodyWaitsForAnyMoreIsLeftAlone) {
  told_.looks = 100;
  told_.meanwhile = [&] { clock_.Advance(absl::Seconds(1)); };
  coordinator_.somebody_waits = false;
  const auto reports = Work(Assignment("active_users"));
  ASSERT_THAT(reports, SizeIs(1)) << "nothing more is told of it";
  EXPECT_TRUE(reports[0][0].has_progress());
  EXPECT_EQ(told_.looks, 99) << "and nothing more is asked";
}

TEST_F(QueryLoop, ACoordinatorThatIsAwayForAMomentMissesNothing) {
  told_.looks = 3;
  told_.meanwhile = [&] { clock_.Advance(absl::Seconds(1)); };
  coordinator_.report_query_failures = {absl::UnavailableError("away")};
  const auto reports = Work(Assignment("active_users"), 2);
  ASSERT_THAT(reports, SizeIs(2));
  EXPECT_TRUE(reports[1][0].has_answer());
}

TEST_F(QueryLoop, AWorkerThatStopsGivesTheQuestionBack) {
  told_.looks = 1;
  told_.meanwhile = [&] { slot_.Drain(); };
  const auto reports = Work(Assignment("active_users"));
  ASSERT_THAT(reports, SizeIs(1));
  EXPECT_TRUE(reports[0][0].has_give_back());
}

TEST_F(QueryLoop, ViewsAreInstalledAndNamed) {
  v1::QueryAssignment assignment = Assignment("");
  assignment.mutable_query()->mutable_install();
  const auto reports = Work(assignment);
  EXPECT_THAT(told_.views, Contains(HasSubstr("CREATE VIEW \"V_FREE_TEXT\"")));
  std::vector<std::string> names;
  for (const v1::QueryRow& row : reports[0][0].answer().rows()) names.push_back(row.values(0).text());
  EXPECT_THAT(names, AllOf(Contains("V_FREE_TEXT"), Contains("BI_DATE"), Not(Contains("V_ADOPTION"))));
}

TEST_F(QueryLoop, ViewsForPowerBiHaveTheDaysOfTheZoneThatWasAskedFor) {
  v1::QueryAssignment assignment = Assignment("");
  assignment.mutable_query()->mutable_install()->set_time_zone("Asia/Kolkata");
  Work(assignment);
  EXPECT_THAT(told_.views,
              Contains(AllOf(HasSubstr("CREATE VIEW \"BI_FREE_TEXT\""), HasSubstr("+ 19800000"))));
}

TEST_F(QueryLoop, NoViewIsInstalledForAWrongZone) {
  v1::QueryAssignment assignment = Assignment("");
  assignment.mutable_query()->mutable_install()->set_time_zone("Asia/Kolkatta");
  const auto reports = Work(assignment);
  EXPECT_THAT(reports[0][0].failure().detail(), HasSubstr("'Asia/Kolkatta' is no time zone"));
  EXPECT_THAT(told_.views, IsEmpty());
}

TEST_F(QueryLoop, ACoordinatorOfTheVersionBeforeIsLeftInPeace) {
  coordinator_.take_failure = absl::UnimplementedError("no such call");
  std::thread thread(
      [&] { RunQueries("w1", config_, coordinator_, clock_, SystemRandom(), slot_, nullptr); });
  coordinator_.Await([&] { return !coordinator_.takes.empty(); });
  slot_.Drain();
  thread.join();
  EXPECT_THAT(coordinator_.takes, SizeIs(1));
  EXPECT_THAT(coordinator_.takes[0].destinations(), ElementsAre("warehouse"));
}

}  // namespace
}  // namespace penstock::worker
