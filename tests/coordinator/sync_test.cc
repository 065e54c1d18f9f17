// SPDX-License-Identifier: Apache-2.0
// Rounds through the desks: when they begin, what they read, what they leave behind.
#include "tests/coordinator/coordinator_fixture.h"

namespace penstock::coordinator {
namespace {

using ::testing::HasSubstr;

class Sync : public CoordinatorFixture {
 protected:
  static CoreOptions Daily(const std::string& cron = "0 7 * * *", const std::string& zone = "UTC") {
    CoreOptions options = Options();
    options.sources[0].sync = SyncSettings{*Schedule::Parse(cron, zone), {Endpoint::kConversations}};
    return options;
  }
  // FakeClock begins on 2026-02-25 at 06:13:20 UTC.
  void AdvanceTo(const std::string& stamp) { clock_.Advance(*ParseStamp(stamp) - clock_.Now().wall); }

  std::vector<v1::Job> Jobs(const std::string& kind = "sync") {
    std::vector<v1::Job> jobs;
    const v1::ListJobsResponse all = *admin_->ListJobs({});
    for (const v1::Job& job : all.jobs()) {
      if (job.kind() == kind) jobs.push_back(job);
    }
    return jobs;
  }
  v1::EndpointSyncState Conversations() { return admin_->GetSync({})->endpoints(0); }
  std::string Watermark() {
    return Conversations().has_watermark() ? FormatExactStamp(FromProto(Conversations().watermark())) : "";
  }
  absl::StatusOr<v1::Job> Now() { return admin_->CreateSync({}); }
  // A whole backfill of both endpoints, so that rounds have somewhere to begin.
  void FinishBackfill() {
    Backfill({Endpoint::kConversations, Endpoint::kInteractions});
    FinishAll("filler");
  }
  v1::FetchAssignment LeaseOne(const std::string& worker = "w") {
    const std::vector<v1::FetchAssignment> leases = Lease(worker);
    EXPECT_EQ(leases.size(), 1u);
    return leases.empty() ? v1::FetchAssignment() : leases[0];
  }
  // One round of conversations: a page with these rows, then its counts.
  void Round(std::vector<v1::Row> rows, uint64_t counted) {
    EXPECT_OK(CommitPage(LeaseOne(), 0, "", std::move(rows)));
    EXPECT_OK(CommitCount(LeaseOne(), counted));
    ConfirmDays();
  }
  // The count that ends a round, agreed.
  void ConfirmDays() {
    const v1::FetchAssignment confirm = LeaseOne();
    EXPECT_EQ(Window(confirm.window()).purpose(), "confirm");
    EXPECT_OK(CommitCount(confirm, 0));
  }
};

TEST_F(Sync, ARoundBeginsAtItsMomentAndTheNextOneADayLater) {
  Start(Daily());
  EXPECT_EQ(FormatMinute(FromProto(admin_->GetSync({})->next())), "2026-02-25 07:00");
  Lease("w");
  EXPECT_EQ(Jobs().size(), 0u);
  AdvanceTo("2026-02-25T07:00:00Z");
  EXPECT_EQ(Lease("w").size(), 1u);
  EXPECT_EQ(Jobs().size(), 1u);
  EXPECT_EQ(FormatMinute(FromProto(admin_->GetSync({})->next())), "2026-02-26 07:00");
}

TEST_F(Sync, ARestartNeitherSkipsNorDoublesARound) {
  Start(Daily());
  AdvanceTo("2026-02-25T08:00:00Z");
  Start(Daily());
  FinishAll("w");
  EXPECT_EQ(Jobs().size(), 1u);
  Start(Daily());
  FinishAll("w");
  EXPECT_EQ(Jobs().size(), 1u);
}

TEST_F(Sync, DaysInWhichNothingRanAreOneRound) {
  Start(Daily());
  AdvanceTo("2026-03-06T12:00:00Z");
  Start(Daily());
  FinishAll("w");
  EXPECT_EQ(Jobs().size(), 1u);
  EXPECT_EQ(FormatMinute(FromProto(admin_->GetSync({})->next())), "2026-03-07 07:00");
}

TEST_F(Sync, ARoundThatIsOpenTakesTheNextMomentToo) {
  Start(Daily());
  AdvanceTo("2026-02-25T07:00:00Z");
  Lease("w");
  AdvanceTo("2026-02-27T07:00:00Z");
  Lease("w");
  EXPECT_EQ(Jobs().size(), 1u);
  EXPECT_EQ(FormatMinute(FromProto(admin_->GetSync({})->next())), "2026-02-28 07:00");
}

TEST_F(Sync, AnotherScheduleCountsFromNow) {
  Start(Daily());
  AdvanceTo("2026-02-25T06:30:00Z");
  Start(Daily("0 5 * * *", "Europe/Berlin"));
  EXPECT_EQ(FormatMinute(FromProto(admin_->GetSync({})->next())), "2026-02-26 04:00");
}

TEST_F(Sync, AClockThatRanAheadIsForgiven) {
  Start(Daily());
  clock_.JumpWall(absl::Hours(24 * 365));
  FinishAll("w");
  EXPECT_EQ(Jobs().size(), 1u);
  clock_.JumpWall(-absl::Hours(24 * 365));
  Lease("w");
  EXPECT_EQ(FormatMinute(FromProto(admin_->GetSync({})->next())), "2026-02-25 07:00");
}

TEST_F(Sync, ADiskThatIsFullHoldsARoundBackAndNothingElse) {
  Start(Daily());
  AdvanceTo("2026-02-25T07:00:00Z");
  KeptStore::refuse_commits = absl::ResourceExhaustedError("the disk is full");
  EXPECT_TRUE(Lease("w").empty());
  KeptStore::refuse_commits = absl::OkStatus();
  EXPECT_EQ(Lease("w").size(), 1u);
}

TEST_F(Sync, AWorkerThatDoesNotFetchBeginsNothing) {
  Start(Daily());
  AdvanceTo("2026-02-25T07:00:00Z");
  v1::SyncRequest request = SyncRequest("loader");
  request.set_fetch_capacity(0);
  ASSERT_OK(workers_->Sync(request));
  EXPECT_EQ(Jobs().size(), 0u);
}

TEST_F(Sync, TheFirstRoundBeginsWhereTheFinishedBackfillBegan) {
  const absl::Time began = clock_.Now().wall;
  Start(Daily());
  FinishBackfill();
  clock_.Advance(absl::Hours(3));
  ASSERT_OK(Now());
  const v1::FetchAssignment lease = LeaseOne();
  EXPECT_EQ(FromProto(lease.from()), began + absl::Milliseconds(1));
  EXPECT_FALSE(lease.has_to());
  EXPECT_EQ(lease.axis(), v1::LAST_UPDATED_TIME);
  EXPECT_EQ(Watermark(), "");
}

TEST_F(Sync, ABackfillThatIsUnderWayReadsTheSame) {
  Start(Daily());
  Backfill({Endpoint::kConversations});
  EXPECT_THAT(Now(),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("conversations: backfill job-1")));
  AdvanceTo("2026-02-25T07:00:00Z");
  Lease("w");
  EXPECT_EQ(Jobs().size(), 0u);
}

TEST_F(Sync, ABackfillBesideAKnownWatermarkDoesNotHoldARoundBack) {
  Start(Daily());
  FinishBackfill();
  ASSERT_OK(Now());
  Round({Row("a", "2026-02-25T06:00:00.000Z")}, 1);
  Backfill({Endpoint::kConversations});
  EXPECT_OK(Now());
  const v1::FetchAssignment first = Lease("w")[0];
  EXPECT_EQ(first.axis(), v1::LAST_UPDATED_TIME) << "a sync stands before a backfill";
}

TEST_F(Sync, TheWatermarkMovesWithTheCommitThatEndsTheRound) {
  Start(Daily());
  FinishBackfill();
  ASSERT_OK(Now());
  const v1::FetchAssignment follow = LeaseOne();
  ASSERT_OK(CommitPage(follow, 0, "next", {Row("a", "2026-02-25T06:00:00.000Z")}));
  ASSERT_OK(CommitPage(follow, 1, "", {Row("b", "2026-02-25T05:00:00.000Z")}));
  EXPECT_EQ(Watermark(), "");
  const v1::FetchAssignment recount = LeaseOne();
  EXPECT_EQ(recount.kind(), v1::COUNT);
  EXPECT_EQ(FormatDay(FromProto(recount.from())), "2026-02-23");
  EXPECT_EQ(FormatDay(FromProto(recount.created_from())), "2026-01-27");
  ASSERT_OK(CommitCount(recount, 2));
  EXPECT_EQ(Watermark(), "");
  ConfirmDays();
  EXPECT_EQ(Watermark(), "2026-02-25T06:00:00.000Z");
  EXPECT_EQ(Jobs()[0].state(), v1::JOB_DONE);
  Start(Daily());
  EXPECT_EQ(Watermark(), "2026-02-25T06:00:00.000Z") << "after a restart too";
}

TEST_F(Sync, AStampBeyondTheServersDateNeverMovesIt) {
  Start(Daily());
  FinishBackfill();
  ASSERT_OK(Now());
  Round({Row("a", "2026-02-25T06:00:00.000Z"), Row("b", "2999-01-01T00:00:00.000Z")}, 2);
  EXPECT_EQ(Watermark(), "2026-02-25T06:00:00.000Z");
}

TEST_F(Sync, ADateFarAheadOfOurClockCarriesItNowhere) {
  Start(Daily());
  FinishBackfill();
  ASSERT_OK(Now());
  v1::PageHeader header = Header(LeaseOne(), 0, "");
  *header.mutable_permit()->mutable_server_date() = ToProto(*ParseStamp("2999-06-01T00:00:00Z"));
  header.set_row_count(2);
  ASSERT_OK(workers_->CommitPage(
      header, {Row("a", "2026-02-25T06:00:00.000Z"), Row("b", "2999-01-01T00:00:00.000Z")}, {}));
  ASSERT_OK(CommitCount(LeaseOne(), 2));
  ConfirmDays();
  EXPECT_EQ(Watermark(), "2026-02-25T06:00:00.000Z");
}

TEST_F(Sync, ABackfillNeverMovesIt) {
  Start(Daily());
  FinishBackfill();
  ASSERT_OK(Now());
  Round({Row("a", "2026-02-25T05:00:00.000Z")}, 1);
  Backfill({Endpoint::kConversations});
  for (auto leases = Lease("w"); !leases.empty(); leases = Lease("w")) {
    for (const auto& lease : leases)
      ASSERT_OK(CommitPage(lease, 0, "", {Row("b", "2026-02-25T06:00:00.000Z")}));
  }
  EXPECT_EQ(Watermark(), "2026-02-25T05:00:00.000Z");
}

TEST_F(Sync, ASecondHalfUnderTheSameStampIsCountedAndRead) {
  Start(Daily());
  FinishBackfill();
  ASSERT_OK(Now());
  Round({Row("a", "2026-02-25T06:00:00.000Z")}, 1);
  ASSERT_OK(Now());
  ASSERT_OK(CommitPage(LeaseOne(), 0, ""));
  ASSERT_OK(CommitCount(LeaseOne(), 2));
  const v1::FetchAssignment again = LeaseOne();
  EXPECT_EQ(again.kind(), v1::PAGES);
  EXPECT_EQ(FormatExactStamp(FromProto(again.from())), "2026-02-23T00:00:00.000Z");
  EXPECT_EQ(Window(again.window()).purpose(), "reread");
  ASSERT_OK(
      CommitPage(again, 0, "", {Row("a", "2026-02-25T06:00:00.000Z"), Row("b", "2026-02-25T06:00:00.000Z")}));
  ConfirmDays();
  EXPECT_EQ(Jobs()[1].state(), v1::JOB_DONE);
  EXPECT_OK(admin_->GetRow([] {
    v1::GetRowRequest request;
    request.set_endpoint(v1::CONVERSATIONS);
    request.set_id("b");
    return request;
  }()));
}

TEST_F(Sync, OfMuchOnlyTheDayThatLacksIsReadAgain) {
  Start(Daily());
  FinishBackfill();
  ASSERT_OK(Now());
  Round({Row("a", "2026-02-24T06:00:00.000Z"), Row("b", "2026-02-25T06:00:00.000Z")}, 2);
  ASSERT_OK(Now());
  ASSERT_OK(CommitPage(LeaseOne(), 0, ""));
  ASSERT_OK(CommitCount(LeaseOne(), 1'501));
  const std::vector<v1::FetchAssignment> days = Lease("w");
  ASSERT_EQ(days.size(), 3u);
  for (const v1::FetchAssignment& day : days) {
    const bool lacks = FormatDay(FromProto(day.from())) == "2026-02-24";
    ASSERT_OK(CommitCount(day, lacks ? 1'500 : FormatDay(FromProto(day.from())) == "2026-02-25"));
  }
  const v1::FetchAssignment again = LeaseOne();
  EXPECT_EQ(FormatDay(FromProto(again.from())), "2026-02-24");
  EXPECT_EQ(FormatExactStamp(FromProto(again.to())), "2026-02-25T00:00:00.000Z");
}

TEST_F(Sync, AServerThatCannotCountIsReadTwoDaysBackFromThenOn) {
  Start(Daily());
  FinishBackfill();
  ASSERT_OK(Now());
  ASSERT_OK(CommitPage(LeaseOne(), 0, "", {Row("a", "2026-02-25T06:00:00.000Z")}));
  ASSERT_OK(CommitCount(LeaseOne(), std::nullopt));
  ASSERT_OK(CommitPage(LeaseOne(), 0, ""));
  ConfirmDays();
  EXPECT_EQ(Jobs()[0].state(), v1::JOB_DONE);
  AdvanceTo("2026-02-26T07:00:00Z");
  const v1::FetchAssignment follow = LeaseOne();
  EXPECT_EQ(FormatExactStamp(FromProto(follow.from())), "2026-02-23T06:00:00.000Z");
  ASSERT_OK(CommitPage(follow, 0, ""));
  ConfirmDays();
  EXPECT_EQ(Jobs()[1].state(), v1::JOB_DONE);
}

TEST_F(Sync, ACountThatIgnoresItsFilterIsNotAskedAgain) {
  Start(Daily());
  FinishBackfill();
  ASSERT_OK(Now());
  Round({Row("a", "2026-02-24T06:00:00.000Z"), Row("b", "2026-02-25T06:00:00.000Z")}, 2);
  ASSERT_OK(Now());
  ASSERT_OK(CommitPage(LeaseOne(), 0, ""));
  ASSERT_OK(CommitCount(LeaseOne(), 90'000));
  for (const v1::FetchAssignment& day : Lease("w")) ASSERT_OK(CommitCount(day, 90'000));
  FinishAll("w");
  AdvanceTo("2026-02-25T07:00:00Z");
  EXPECT_EQ(FormatExactStamp(FromProto(LeaseOne().from())), "2026-02-23T06:00:00.000Z");
}

TEST_F(Sync, AParkedWindowKeepsTheWatermarkAndTheNextRoundMakesUpForIt) {
  Start(Daily());
  FinishBackfill();
  ASSERT_OK(Now());
  const v1::FetchAssignment follow = LeaseOne();
  ASSERT_OK(CommitPage(follow, 0, "next", {Row("a", "2026-02-25T06:00:00.000Z")}));
  ASSERT_OK(Release(follow, v1::ReleaseWindowRequest::PARKED));
  EXPECT_EQ(Watermark(), "");
  EXPECT_EQ(Jobs()[0].parked_windows(), 1u);
  ASSERT_OK(Now());
  EXPECT_EQ(Jobs()[0].parked_windows(), 0u);
  Round({Row("a", "2026-02-25T06:00:00.000Z")}, 1);
  EXPECT_EQ(Watermark(), "2026-02-25T06:00:00.000Z");
}

TEST_F(Sync, ARoundThatIsOpenIsNotBegunTwice) {
  Start(Daily());
  ASSERT_OK_AND_ASSIGN(const v1::Job first, Now());
  ASSERT_OK_AND_ASSIGN(const v1::Job second, Now());
  EXPECT_EQ(first.number(), second.number());
}

TEST_F(Sync, AnEndpointThatIsRefusedIsLeftOutUntilSomebodyAsks) {
  Start(Daily());
  FinishBackfill();
  ASSERT_OK(Now());
  ASSERT_OK(Release(LeaseOne(), v1::ReleaseWindowRequest::ENDPOINT_REFUSED));
  EXPECT_EQ(Jobs()[0].state(), v1::JOB_DONE);
  EXPECT_THAT(Conversations().left_out(), HasSubstr("refuses"));
  AdvanceTo("2026-02-25T07:00:00Z");
  EXPECT_TRUE(Lease("w").empty());
  EXPECT_EQ(Jobs().size(), 1u);
  ASSERT_OK(Now());
  LeaseOne();
}

TEST_F(Sync, APausedRoundStopsAndACancelledOneLeavesTheWatermark) {
  Start(Daily());
  FinishBackfill();
  ASSERT_OK_AND_ASSIGN(const v1::Job job, Now());
  ASSERT_OK(Control(job, v1::ControlJobRequest::PAUSE));
  EXPECT_TRUE(Lease("w").empty());
  ASSERT_OK(Control(job, v1::ControlJobRequest::CANCEL));
  EXPECT_EQ(Watermark(), "");
  ASSERT_OK_AND_ASSIGN(const v1::Job next, Now());
  EXPECT_NE(next.number(), job.number());
}

}  // namespace
}  // namespace penstock::coordinator
