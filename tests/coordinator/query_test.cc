// SPDX-License-Identifier: Apache-2.0
// Questions that people ask of destinations, and the workers that answer them.
#include "absl/strings/str_cat.h"
#include "coordinator/limits.h"
#include "coordinator/query_desk.h"
#include "proto/convert.h"
#include "tests/coordinator/coordinator_fixture.h"

namespace penstock::coordinator {
namespace {

using ::testing::_;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

MATCHER_P(IsOkAndHolds, value, "") { return arg.ok() && *arg == value; }

class QueryTest : public CoordinatorFixture {
 protected:
  QueryTest() {
    CoreOptions options = Options();
    options.destinations["other"] = kSource;
    Start(std::move(options));
  }

  v1::RunQueryRequest Question(const std::string& metric, const std::string& destination = "warehouse") {
    v1::RunQueryRequest request;
    request.mutable_query()->set_destination(destination);
    request.mutable_query()->mutable_metric()->set_metric(metric);
    request.set_requested_by("alice");
    return request;
  }
  absl::StatusOr<uint64_t> Ask(const v1::RunQueryRequest& request) {
    return desk().Ask(core_->Enter(), request);
  }
  uint64_t AskOf(const std::string& metric, const std::string& destination = "warehouse") {
    const absl::StatusOr<uint64_t> number = Ask(Question(metric, destination));
    EXPECT_OK(number);
    return number.value_or(0);
  }
  // What the caller hears now: the first column of the answer, "wait", or the error.
  std::string Look(uint64_t number) {
    const auto look = desk().LookForAnswer(core_->Enter(), number);
    if (!look.ok()) return std::string(look.status().message());
    if (std::holds_alternative<QueryDesk::LookAgain>(*look)) return "wait";
    return std::get<QueryPieces>(*look).at(0).header().columns(0).name();
  }
  void Close(uint64_t number) { desk().Close(core_->Enter(), number); }

  static v1::TakeQueryRequest Taking(const std::string& worker) {
    v1::TakeQueryRequest request;
    request.set_worker_id(worker);
    request.add_destinations("warehouse");
    return request;
  }
  // Empty: there is none for it now.
  std::optional<v1::QueryAssignment> Take(const v1::TakeQueryRequest& request) {
    const absl::StatusOr<v1::TakeQueryResponse> response = desk().TakeQuery(request);
    EXPECT_OK(response);
    if (!response.ok() || !response->has_query()) return std::nullopt;
    return response->query();
  }
  std::optional<v1::QueryAssignment> Take(const std::string& worker) { return Take(Taking(worker)); }
  std::string Taken(const std::string& worker) {
    const auto query = Take(worker);
    return query.has_value() ? query->query().metric().metric() : "nothing";
  }

  // One stream of a worker's.
  absl::StatusOr<bool> Report(const v1::LeaseToken& token, std::vector<v1::ReportQueryRequest> messages) {
    *messages.at(0).mutable_token() = token;
    size_t next = 0;
    ASSIGN_OR_RETURN(const v1::ReportQueryResponse response,
                     desk().ReportQuery([&](v1::ReportQueryRequest* message) {
                       if (next == messages.size()) return false;
                       *message = messages[next++];
                       return true;
                     }));
    return response.carry_on();
  }
  static v1::ReportQueryRequest Header(const std::string& column) {
    v1::ReportQueryRequest message;
    message.mutable_answer()->mutable_header()->add_columns()->set_name(column);
    return message;
  }
  static v1::ReportQueryRequest Rows(int count) {
    v1::ReportQueryRequest message;
    message.mutable_answer();
    for (int i = 0; i < count; ++i) message.mutable_answer()->add_rows()->add_values()->set_integer(i);
    return message;
  }
  static v1::ReportQueryRequest End(uint64_t rows) {
    v1::ReportQueryRequest message;
    message.mutable_end()->set_rows(rows);
    return message;
  }
  static v1::ReportQueryRequest Progress() {
    v1::ReportQueryRequest message;
    message.mutable_progress();
    return message;
  }
  void WorkerIsHere(const std::string& worker, bool draining = false) {
    v1::SyncRequest sync = SyncRequest(worker);
    sync.set_query_capacity(1);
    sync.add_destinations("warehouse");
    sync.set_draining(draining);
    ASSERT_OK(workers_->Sync(sync));
  }

  QueryDesk& desk() { return desk_.emplace(*core_); }

 private:
  std::optional<QueryDesk> desk_;  // holds nothing itself
};

TEST_F(QueryTest, AQuestionGoesToAWorkerAndItsAnswerComesBackWhole) {
  const uint64_t number = AskOf("deflections");
  EXPECT_EQ(Look(number), "wait");
  const auto query = Take("w1");
  ASSERT_TRUE(query.has_value());
  EXPECT_EQ(query->query().metric().metric(), "deflections");
  EXPECT_EQ(FromProto(query->time_left()), kQueryTimeDefault);
  EXPECT_EQ(Taken("w2"), "nothing") << "one worker is enough";
  EXPECT_EQ(Look(number), "wait");
  EXPECT_THAT(Report(query->token(), {Header("period"), Rows(2), Rows(1), End(3)}), IsOkAndHolds(true));
  EXPECT_EQ(Look(number), "period");
}

TEST_F(QueryTest, AnAnswerThatWasCutIsNoAnswer) {
  const uint64_t number = AskOf("deflections");
  const auto query = Take("w1");
  ASSERT_TRUE(query.has_value());
  EXPECT_THAT(Report(query->token(), {Header("period"), Rows(2)}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no end")));
  EXPECT_THAT(Report(query->token(), {Header("period"), Rows(2), End(3)}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("the stream has 2")));
  EXPECT_THAT(Report(query->token(), {Rows(2), End(2)}), StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_EQ(Look(number), "wait");
  EXPECT_THAT(Report(query->token(), {Header("period"), Rows(3), End(3)}), IsOkAndHolds(true));
  EXPECT_EQ(Look(number), "period");
}

TEST_F(QueryTest, AWorkerGetsQuestionsOfItsDestinationsInTheOrderOfAsking) {
  AskOf("mttr", "other");
  AskOf("deflections");
  AskOf("new_users");
  EXPECT_EQ(Taken("w1"), "deflections");
  EXPECT_EQ(Taken("w2"), "new_users");
  EXPECT_EQ(Taken("w3"), "nothing");
}

TEST_F(QueryTest, AnotherWorkerTakesWhatASilentOneHad) {
  const uint64_t number = AskOf("deflections");
  const auto first = Take("w1");
  clock_.Advance(kQuerySilence - absl::Seconds(1));
  EXPECT_THAT(Report(first->token(), {Progress()}), IsOkAndHolds(true)) << "it still works on it";
  clock_.Advance(kQuerySilence - absl::Seconds(1));
  EXPECT_EQ(Taken("w2"), "nothing");
  clock_.Advance(absl::Seconds(1));
  const auto second = Take("w2");
  ASSERT_TRUE(second.has_value());
  EXPECT_THAT(Report(first->token(), {Header("late"), End(0)}), IsOkAndHolds(false)) << "it is w2's now";
  EXPECT_EQ(Look(number), "wait");
  EXPECT_THAT(Report(second->token(), {Header("period"), End(0)}), IsOkAndHolds(true));
  EXPECT_EQ(Look(number), "period");
}

TEST_F(QueryTest, AQuestionThatSeveralWorkersDieOverIsGivenUp) {
  v1::RunQueryRequest patient = Question("deflections");
  *patient.mutable_timeout() = ToProto(absl::Minutes(10));
  const uint64_t number = *Ask(patient);
  for (uint32_t i = 0; i < kQueryWorkersMax; ++i) {
    EXPECT_EQ(Taken(absl::StrCat("w", i)), "deflections");
    clock_.Advance(kQuerySilence);
  }
  EXPECT_THAT(Look(number), HasSubstr("3 workers were not heard of again"));
  EXPECT_EQ(Taken("w9"), "nothing");
}

TEST_F(QueryTest, AQuestionWhoseAnswerToTakeWasLostIsFreeWhenTheWorkerAsksAgain) {
  AskOf("deflections");
  const auto lost = Take("w1");
  const auto again = Take("w1");
  ASSERT_TRUE(again.has_value()) << "it said that it has none";
  EXPECT_THAT(Report(lost->token(), {Progress()}), IsOkAndHolds(false));
  v1::TakeQueryRequest next = Taking("w1");
  *next.add_held() = again->token();
  EXPECT_FALSE(Take(next).has_value());
  EXPECT_THAT(Report(again->token(), {Progress()}), IsOkAndHolds(true));
}

TEST_F(QueryTest, AWorkerThatStopsGivesItsQuestionBack) {
  const uint64_t number = AskOf("deflections");
  const auto first = Take("w1");
  v1::ReportQueryRequest give_back;
  give_back.mutable_give_back();
  EXPECT_THAT(Report(first->token(), {give_back}), IsOkAndHolds(true));
  WorkerIsHere("w1", /*draining=*/true);
  EXPECT_EQ(Taken("w1"), "nothing") << "it drains";
  EXPECT_EQ(Taken("w2"), "deflections");
  EXPECT_EQ(Look(number), "wait");
}

TEST_F(QueryTest, WhyThereIsNoAnswerIsToldWithItsCode) {
  const uint64_t number = AskOf("deflections");
  const auto query = Take("w1");
  v1::ReportQueryRequest failure;
  failure.mutable_failure()->set_code(static_cast<int>(absl::StatusCode::kPermissionDenied));
  failure.mutable_failure()->set_detail("role 'reader' may not; as its owner: GRANT");
  EXPECT_THAT(Report(query->token(), {failure}), IsOkAndHolds(true));
  EXPECT_THAT(desk().LookForAnswer(core_->Enter(), number).status(),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("may not")));
}

TEST_F(QueryTest, AFailureWithoutACodeIsAFailureAllTheSame) {
  const uint64_t number = AskOf("deflections");
  const auto query = Take("w1");
  v1::ReportQueryRequest failure;
  failure.mutable_failure()->set_detail("?");
  EXPECT_THAT(Report(query->token(), {failure}), IsOkAndHolds(true));
  EXPECT_THAT(desk().LookForAnswer(core_->Enter(), number).status(),
              StatusIs(absl::StatusCode::kInternal, _));
}

TEST_F(QueryTest, NobodyWorksForACallerWhoHasGone) {
  const uint64_t number = AskOf("deflections");
  const auto query = Take("w1");
  Close(number);
  EXPECT_THAT(Report(query->token(), {Progress()}), IsOkAndHolds(false));
  EXPECT_THAT(Report(query->token(), {Header("period"), End(0)}), IsOkAndHolds(false));
  EXPECT_EQ(Taken("w2"), "nothing");
}

TEST_F(QueryTest, WithoutAWorkerForItTheCallerHearsSoAfterTenSeconds) {
  const uint64_t number = AskOf("deflections");
  clock_.Advance(kQueryWorkerPatience - absl::Seconds(1));
  EXPECT_EQ(Look(number), "wait") << "one may be starting";
  clock_.Advance(absl::Seconds(1));
  EXPECT_THAT(Look(number),
              HasSubstr("no worker takes queries of 'warehouse'; start one with --roles=query"));
}

TEST_F(QueryTest, AWorkerThatOnlyFetchesIsNoWorkerForIt) {
  const uint64_t number = AskOf("deflections");
  ASSERT_OK(workers_->Sync(SyncRequest("fetcher")));
  clock_.Advance(kQueryWorkerPatience);
  EXPECT_THAT(Look(number), HasSubstr("no worker takes queries"));
}

TEST_F(QueryTest, AWorkerThatIsBusyIsWaitedForUntilTheTimeIsOver) {
  AskOf("mttr");
  const uint64_t number = AskOf("deflections");
  WorkerIsHere("w1");
  EXPECT_EQ(Taken("w1"), "mttr");
  clock_.Advance(kQueryWorkerPatience);
  EXPECT_EQ(Look(number), "wait");
  clock_.Advance(kQueryTimeDefault - kQueryWorkerPatience);
  EXPECT_THAT(Look(number), HasSubstr("no worker was free within 60 s, 1 query waited before this one"));
}

TEST_F(QueryTest, AQuestionThatTakesTooLongEnds) {
  v1::RunQueryRequest request = Question("deflections");
  *request.mutable_timeout() = ToProto(absl::Seconds(5));
  const uint64_t number = *Ask(request);
  EXPECT_EQ(Taken("w1"), "deflections");
  clock_.Advance(absl::Seconds(5));
  EXPECT_THAT(Look(number), HasSubstr("did not answer within 5 s"));
}

TEST_F(QueryTest, OnlyWhatIsThereCanBeAsked) {
  EXPECT_THAT(Ask(Question("deflections", "warehose")),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("did you mean 'warehouse'")));
  EXPECT_THAT(Ask(Question("deflections", "")),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("other, warehouse")));
  EXPECT_THAT(Ask(v1::RunQueryRequest()), StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_THAT(Ask(Question(std::string(kQuestionBytesMax, 'x'))),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("at most")));
}

TEST_F(QueryTest, TheOnlyDestinationNeedNotBeNamed) {
  Start();
  AskOf("deflections", "");
  EXPECT_EQ(Taken("w1"), "deflections");
}

TEST_F(QueryTest, TooManyQuestionsAtOnceAreRefused) {
  uint64_t last = 0;
  for (size_t i = 0; i < kQueriesMax; ++i) last = AskOf("deflections");
  EXPECT_THAT(Ask(Question("mttr")),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("ask again in a moment")));
  Close(last);
  EXPECT_OK(Ask(Question("mttr")));
}

TEST_F(QueryTest, AnAnswerThatIsTooLargeIsToldToBoth) {
  const uint64_t number = AskOf("deflections");
  const auto query = Take("w1");
  std::vector<v1::ReportQueryRequest> messages = {Header("period")};
  for (uint64_t rows = 0; rows <= kQueryRowsMax; rows += 10'000) messages.push_back(Rows(10'000));
  EXPECT_THAT(Report(query->token(), messages), StatusIs(absl::StatusCode::kResourceExhausted, _));
  EXPECT_THAT(Look(number), HasSubstr("at most 100000 rows"));
}

TEST_F(QueryTest, AnEarlierLifeOfTheCoordinatorGaveOtherTokens) {
  AskOf("deflections");
  const auto before = Take("w1");
  Start();
  const uint64_t number = AskOf("mttr");
  EXPECT_EQ(Taken("w2"), "mttr");
  EXPECT_THAT(Report(before->token(), {Header("late"), End(0)}), IsOkAndHolds(false));
  EXPECT_EQ(Look(number), "wait");
}

TEST_F(QueryTest, PeopleSeeWhatAWorkerIsAsked) {
  WorkerIsHere("w1");
  AskOf("deflections");
  EXPECT_EQ(Taken("w1"), "deflections");
  const auto workers = admin_->ListWorkers({});
  ASSERT_OK(workers);
  ASSERT_THAT(workers->workers(), SizeIs(1));
  EXPECT_EQ(workers->workers(0).query_capacity(), 1u);
  EXPECT_THAT(workers->workers(0).queries(), ElementsAre("deflections on warehouse"));
}

TEST_F(QueryTest, AnOpenStoreWithoutACoordinatorAnswersNothing) {
  CoreOptions options = Options();
  options.read_only = true;
  Start(std::move(options));
  EXPECT_THAT(Ask(Question("deflections")), StatusIs(absl::StatusCode::kFailedPrecondition, _));
}

TEST_F(QueryTest, WhoeverWaitsIsSentAwayWhenTheCoordinatorStops) {
  const uint64_t number = AskOf("deflections");
  core_->Close();
  EXPECT_EQ(Look(number), "the coordinator stops");
  EXPECT_THAT(desk().TakeQuery(Taking("w1")), StatusIs(absl::StatusCode::kUnavailable, _));
}

}  // namespace
}  // namespace penstock::coordinator
