// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "coordinator/limits.h"
#include "tests/coordinator/coordinator_fixture.h"

namespace penstock::coordinator {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kStamp[] = "2026-02-21T06:00:00.000Z";

class Pages : public CoordinatorFixture {
 protected:
  std::vector<v1::FetchAssignment> Begin() {
    job_ = Backfill({Endpoint::kConversations});
    return Lease("a");
  }
  v1::Job job_;
};

TEST_F(Pages, APageAndItsCursorAreOneCommit) {
  const auto leases = Begin();
  const uint64_t before = store_->last_commit();
  absl::StatusOr<v1::CommitPageResponse> response = CommitPage(leases[0], 0, "next", {Row("x", kStamp)});
  ASSERT_OK(response);
  EXPECT_EQ(store_->last_commit(), before + 1);
  EXPECT_EQ(response->next(), v1::CommitPageResponse::CARRY_ON);
  EXPECT_EQ(response->counts().inserted(), 1u);
}

TEST_F(Pages, ARepeatedPageIsAnsweredAndNotApplied) {
  const auto leases = Begin();
  ASSERT_OK(CommitPage(leases[0], 0, "next", {Row("x", kStamp)}));
  const uint64_t before = store_->last_commit();
  absl::StatusOr<v1::CommitPageResponse> again = CommitPage(leases[0], 0, "next", {Row("x", kStamp)});
  ASSERT_OK(again);
  EXPECT_EQ(again->outcome(), v1::CommitPageResponse::ALREADY_APPLIED);
  EXPECT_EQ(store_->last_commit(), before);
}

TEST_F(Pages, TheLastPageRepeatedIsAnsweredAlthoughItsLeaseHasEnded) {
  const auto leases = Begin();
  ASSERT_OK(CommitPage(leases[0], 0, "", {Row("x", kStamp)}));
  absl::StatusOr<v1::CommitPageResponse> again = CommitPage(leases[0], 0, "", {Row("x", kStamp)});
  ASSERT_OK(again);
  EXPECT_EQ(again->outcome(), v1::CommitPageResponse::ALREADY_APPLIED);
  EXPECT_EQ(again->next(), v1::CommitPageResponse::STOP);
}

TEST_F(Pages, APageThatSkipsOneIsRefused) {
  const auto leases = Begin();
  EXPECT_THAT(CommitPage(leases[0], 1, ""),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("expects page 0")));
}

TEST_F(Pages, APageOfAnOlderChainIsRefused) {
  auto leases = Begin();
  ASSERT_OK(CommitPage(leases[0], 0, "next"));
  ASSERT_OK(Release(leases[0], v1::ReleaseWindowRequest::CHAIN_BROKEN));
  leases = Lease("a");
  ASSERT_EQ(leases[0].chain(), 1u);
  ASSERT_EQ(leases[0].page(), 0u);
  ASSERT_EQ(leases[0].next_link(), "");
  leases[0].set_chain(0);
  EXPECT_THAT(CommitPage(leases[0], 1, ""),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("chain 1")));
}

TEST_F(Pages, AChainThatBreaksAgainAndAgainIsParked) {
  auto leases = Begin();
  for (uint32_t i = 0; i <= kChainRestartsMax; ++i) {
    ASSERT_FALSE(leases.empty()) << i;
    ASSERT_OK(Release(leases[0], v1::ReleaseWindowRequest::CHAIN_BROKEN));
    leases = Lease("w" + std::to_string(i));  // the other window stays with its holder
  }
  v1::ListWindowsRequest parked;
  parked.add_states(v1::WINDOW_PARKED);
  EXPECT_THAT(admin_->ListWindows(parked)->windows(), SizeIs(1));
}

TEST_F(Pages, ADiskThatIsFullRefusesThePageAndTakesItLater) {
  const auto leases = Begin();
  KeptStore::refuse_commits = absl::ResourceExhaustedError("disk full");
  EXPECT_THAT(CommitPage(leases[0], 0, "next", {Row("x", kStamp)}),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("disk full")));
  EXPECT_EQ(Window(leases[0].window()).pages(), 0u);
  KeptStore::refuse_commits = absl::OkStatus();
  EXPECT_OK(CommitPage(leases[0], 0, "next", {Row("x", kStamp)}));
}

TEST_F(Pages, TheEndOfTheRangeIsFollowedByAClosingPassOverLaterStamps) {
  const auto leases = Begin();
  const absl::Time begun = clock_.Now().wall;
  for (const auto& lease : leases) ASSERT_OK(CommitPage(lease, 0, ""));
  clock_.Advance(absl::Minutes(5));
  const auto closing = Lease("a");
  ASSERT_THAT(closing, SizeIs(1));
  EXPECT_EQ(closing[0].axis(), v1::LAST_UPDATED_TIME);
  EXPECT_EQ(FromProto(closing[0].from()), begun - kClosingOverlap);
  EXPECT_FALSE(closing[0].has_to());
  EXPECT_EQ(Job(job_).state(), v1::JOB_RUNNING);
  ASSERT_OK(CommitPage(closing[0], 0, ""));
  EXPECT_EQ(Job(job_).state(), v1::JOB_DONE);
}

// By the server's clock, or by ours where that is earlier: a Date far ahead must not skip anything.
TEST_F(Pages, TheClosingPassBeginsEarlyEnoughHoweverFarTheClocksAreApart) {
  for (absl::Duration ahead : {absl::Minutes(10), -absl::Minutes(10), absl::Hours(24 * 365)}) {
    const auto leases = Begin();
    const absl::Time server = clock_.Now().wall + ahead;
    for (const auto& lease : leases) {
      v1::PageHeader header = Header(lease, 0, "");
      *header.mutable_permit()->mutable_server_date() = ToProto(server);
      ASSERT_OK(workers_->CommitPage(header, {}, {}));
    }
    const auto closing = Lease("a");
    ASSERT_THAT(closing, SizeIs(1));
    EXPECT_EQ(FromProto(closing[0].from()), std::min(server, clock_.Now().wall) - kClosingOverlap) << ahead;
    ASSERT_OK(CommitPage(closing[0], 0, ""));
  }
}

TEST_F(Pages, AChainThatBreaksKeepsWhatItCommitted) {
  auto leases = Begin();
  ASSERT_OK(CommitPage(leases[0], 0, "next", {Row("x", kStamp)}));
  ASSERT_OK(Release(leases[0], v1::ReleaseWindowRequest::CHAIN_BROKEN));
  EXPECT_OK(store_->GetRow(1, Endpoint::kConversations, "x"));
  leases = Lease("a");
  absl::StatusOr<v1::CommitPageResponse> again = CommitPage(leases[0], 0, "", {Row("x", kStamp)});
  EXPECT_EQ(again->counts().identical(), 1u);
}

// FAULTS 5.30: an odd stamp is a row like any other and moves nothing but itself.
TEST_F(Pages, RowsWithStampsOfAnyKindAreStored) {
  const auto leases = Begin();
  std::vector<v1::Row> rows;
  for (const char* stamp : {"0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z",
                            "2031-01-01T00:00:00+02:00", "2026-02-21T06:00:00.123456789Z"}) {
    rows.push_back(Row(stamp, stamp));
  }
  rows.push_back(Row("unreadable", kStamp));
  rows.back().clear_last_updated_time();
  rows.back().clear_created_time();
  const absl::StatusOr<v1::CommitPageResponse> response = CommitPage(leases[0], 0, "", rows);
  ASSERT_OK(response);
  EXPECT_EQ(response->counts().inserted(), 5u);
  for (size_t i = 1; i < leases.size(); ++i) ASSERT_OK(CommitPage(leases[i], 0, ""));
  const auto closing = Lease("a");
  ASSERT_THAT(closing, SizeIs(1));
  EXPECT_EQ(FromProto(closing[0].from()), clock_.Now().wall - kClosingOverlap) << "not by any row's stamp";
}

TEST_F(Pages, AJobWithAParkedWindowEndsWithoutItsClosingPassUntilItIsRetried) {
  const auto leases = Begin();
  ASSERT_OK(Release(leases[0], v1::ReleaseWindowRequest::PARKED));
  for (size_t i = 1; i < leases.size(); ++i) ASSERT_OK(CommitPage(leases[i], 0, ""));
  FinishAll("a");
  EXPECT_EQ(Job(job_).state(), v1::JOB_DONE);
  EXPECT_EQ(Job(job_).parked_windows(), 1u);
  ASSERT_OK(Control(job_, v1::ControlJobRequest::RETRY));
  EXPECT_EQ(Job(job_).state(), v1::JOB_RUNNING);
  FinishAll("a");
  EXPECT_EQ(Job(job_).state(), v1::JOB_DONE);
  EXPECT_EQ(Job(job_).parked_windows(), 0u);
  EXPECT_EQ(Job(job_).done_windows(), Job(job_).windows());
}

TEST_F(Pages, AChainThatEndsShortOfTheServersCountIsReadAgainAndThenParked) {
  v1::CreateBackfillRequest request;
  request.add_endpoints(v1::CONVERSATIONS);
  *request.mutable_from() = ToProto(clock_.Now().wall - absl::Hours(48));
  ASSERT_OK(admin_->CreateBackfill(request));
  AnswerCounts();
  for (int reading = 0; reading < 2; ++reading) {
    const auto leases = Lease("a");
    ASSERT_THAT(leases, SizeIs(1));
    v1::PageHeader header = Header(leases[0], 0, "");
    header.set_chain_records(2);
    ASSERT_OK(workers_->CommitPage(header, {Row("x", kStamp)}, {}));
  }
  EXPECT_THAT(Lease("a"), SizeIs(0));
  const v1::Window window = admin_->ListWindows({})->windows(1);
  EXPECT_EQ(window.state(), v1::WINDOW_PARKED);
  EXPECT_THAT(window.reason(), HasSubstr("counts 2 records, its pages brought 1"));
}

TEST_F(Pages, AChainThatBrokeForOtherReasonsIsStillReadAgainWhenItEndsShort) {
  v1::CreateBackfillRequest request;
  request.add_endpoints(v1::CONVERSATIONS);
  *request.mutable_from() = ToProto(clock_.Now().wall - absl::Hours(48));
  ASSERT_OK(admin_->CreateBackfill(request));
  AnswerCounts();
  for (int broken = 0; broken < 3; ++broken) {
    ASSERT_OK(Release(Lease("a").at(0), v1::ReleaseWindowRequest::CHAIN_BROKEN));
  }
  const v1::FetchAssignment lease = Lease("a").at(0);
  v1::PageHeader header = Header(lease, 0, "");
  header.set_chain_records(2);
  ASSERT_OK(workers_->CommitPage(header, {Row("x", kStamp)}, {}));
  EXPECT_EQ(Window(lease.window()).state(), v1::WINDOW_PENDING);
}

TEST_F(Pages, RecordsThatRetentionTakesAwayMeanwhileAreNoShortfall) {
  const auto leases = Begin();  // no lower bound
  v1::PageHeader header = Header(leases.back(), 0, "");
  header.set_chain_records(2);
  ASSERT_OK(workers_->CommitPage(header, {Row("x", kStamp)}, {}));
  EXPECT_EQ(Window(leases.back().window()).state(), v1::WINDOW_DONE);
}

TEST_F(Pages, TheSameBackfillAgainChangesNothingInTheStore) {
  const auto leases = Begin();
  ASSERT_OK(CommitPage(leases[0], 0, "", {Row("x", kStamp), Row("y", kStamp)}));
  FinishAll("a");
  const uint64_t change = core_->state().sources().begin()->second.last_change();
  EXPECT_EQ(change, 2u);
  Backfill();
  const auto again = Lease("a");
  absl::StatusOr<v1::CommitPageResponse> response =
      CommitPage(again[0], 0, "", {Row("x", kStamp), Row("y", kStamp)});
  EXPECT_EQ(response->counts().identical(), 2u);
  EXPECT_EQ(core_->state().sources().begin()->second.last_change(), change);
}

TEST_F(Pages, TheFactsAfterARestartAreTheFactsBefore) {
  const auto leases = Begin();
  ASSERT_OK(CommitPage(leases[0], 0, "next", {Row("x", kStamp)}));
  const v1::Job before = Job(job_);
  const v1::Window window = Window(leases[0].window());
  Start();
  EXPECT_EQ(Job(job_).SerializeAsString(), before.SerializeAsString());
  EXPECT_EQ(Window(leases[0].window()).SerializeAsString(), window.SerializeAsString());
}

}  // namespace
}  // namespace penstock::coordinator
