// SPDX-License-Identifier: Apache-2.0
#include "coordinator/window_state.h"
#include "tests/coordinator/coordinator_fixture.h"

namespace penstock::coordinator {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class Jobs : public CoordinatorFixture {};

TEST(StateMachines, OnlyTheMovesOfTheTableAreLegal) {
  int window_moves = 0;
  for (int from = 0; from <= storage::WindowRecord::State_MAX; ++from) {
    for (int to = 0; to <= storage::WindowRecord::State_MAX; ++to) {
      window_moves += CanMove(static_cast<WindowState>(from), static_cast<WindowState>(to));
      EXPECT_FALSE(CanMove(static_cast<WindowState>(from), storage::WindowRecord::STATE_UNSPECIFIED));
    }
  }
  EXPECT_EQ(window_moves, static_cast<int>(kWindowMoves.size()));
  for (WindowState terminal :
       {storage::WindowRecord::DONE, storage::WindowRecord::SPLIT, storage::WindowRecord::CANCELLED}) {
    for (int to = 0; to <= storage::WindowRecord::State_MAX; ++to) {
      EXPECT_FALSE(CanMove(terminal, static_cast<WindowState>(to)));
    }
  }
  for (int to = 0; to <= storage::JobRecord::State_MAX; ++to) {
    EXPECT_FALSE(CanMove(storage::JobRecord::CANCELLED, static_cast<JobState>(to)));
  }
}

TEST_F(Jobs, APausedJobLetsThePageUnderWayLandAndStopsThere) {
  const v1::Job job = Backfill();
  const auto leases = Lease("a");
  ASSERT_OK(Control(job, v1::ControlJobRequest::PAUSE));
  absl::StatusOr<v1::CommitPageResponse> response = CommitPage(leases[0], 0, "next");
  ASSERT_OK(response);
  EXPECT_EQ(response->next(), v1::CommitPageResponse::STOP);
  EXPECT_EQ(Window(leases[0].window()).state(), v1::WINDOW_PENDING);
  EXPECT_THAT(Lease("a"), IsEmpty());
  ASSERT_OK(Control(job, v1::ControlJobRequest::RESUME));
  const auto again = Lease("a");
  ASSERT_THAT(again, Not(IsEmpty()));
  EXPECT_EQ(again[0].page(), 1u);
}

TEST_F(Jobs, AJobThatIsPutFirstGetsTheOnlyHandWithinOnePage) {
  Backfill({Endpoint::kConversations});
  v1::SyncRequest only_hand = SyncRequest("a");
  only_hand.set_fetch_capacity(1);
  const v1::FetchAssignment usual = workers_->Sync(only_hand)->fetch(0);
  const v1::Job first = Backfill({Endpoint::kInteractions});
  absl::StatusOr<v1::CommitPageResponse> response = CommitPage(usual, 0, "next");
  ASSERT_OK(response);
  EXPECT_EQ(response->next(), v1::CommitPageResponse::CARRY_ON);

  v1::ControlJobRequest request;
  request.set_number(first.number());
  request.set_action(v1::ControlJobRequest::REPRIORITISE);
  request.set_priority(101);
  EXPECT_THAT(admin_->ControlJob(request), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("100")));
  request.set_priority(10);
  ASSERT_OK(admin_->ControlJob(request));
  EXPECT_EQ(Job(first).priority(), 10);
  response = CommitPage(usual, 1, "after");
  ASSERT_OK(response);
  EXPECT_EQ(response->next(), v1::CommitPageResponse::STOP);
  const v1::SyncResponse next = *workers_->Sync(only_hand);
  ASSERT_EQ(next.fetch_size(), 1);
  EXPECT_EQ(Window(next.fetch(0).window()).job(), first.number());
}

TEST_F(Jobs, AJobThatHasEndedCannotBePutFirst) {
  const v1::Job job = Backfill();
  FinishAll("a");
  v1::ControlJobRequest request;
  request.set_number(job.number());
  request.set_action(v1::ControlJobRequest::REPRIORITISE);
  EXPECT_THAT(admin_->ControlJob(request),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("has ended")));
}

TEST_F(Jobs, APausedJobGetsNoFurtherPermit) {
  const v1::Job job = Backfill();
  const auto leases = Lease("a");
  ASSERT_OK(Control(job, v1::ControlJobRequest::PAUSE));
  EXPECT_THAT(AskPermit(leases[0], "r"), StatusIs(absl::StatusCode::kAborted, HasSubstr("paused")));
  EXPECT_EQ(Window(leases[0].window()).state(), v1::WINDOW_PENDING);
}

TEST_F(Jobs, ACancelledJobIsOverAndItsWorkersPagesAreRefused) {
  const v1::Job job = Backfill();
  const auto leases = Lease("a");
  ASSERT_OK(Control(job, v1::ControlJobRequest::CANCEL));
  EXPECT_THAT(CommitPage(leases[0], 0, ""), StatusIs(absl::StatusCode::kAborted, HasSubstr("lease")));
  EXPECT_EQ(Job(job).state(), v1::JOB_CANCELLED);
  EXPECT_THAT(Control(job, v1::ControlJobRequest::RESUME),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("CANCELLED")));
}

TEST_F(Jobs, ADoneJobCanNeitherBePausedNorResumed) {
  const v1::Job job = Backfill();
  FinishAll("a");
  EXPECT_THAT(Control(job, v1::ControlJobRequest::PAUSE),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("DONE")));
  EXPECT_THAT(Control(job, v1::ControlJobRequest::RESUME),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("DONE")));
}

TEST_F(Jobs, TheSameCommandGoesOnWithAnUnfinishedJobAndReadsAgainAfterACompleteOne) {
  const v1::Job first = Backfill({Endpoint::kUsers}, /*reuse=*/true);
  EXPECT_EQ(Backfill({Endpoint::kUsers}, true).number(), first.number());
  EXPECT_NE(Backfill({Endpoint::kInteractions}, true).number(), first.number());
  FinishAll("a");
  EXPECT_NE(Backfill({Endpoint::kUsers}, true).number(), first.number());
}

TEST_F(Jobs, AMissingScopeParksOneEndpointAndTheOthersFinish) {
  const v1::Job job = Backfill({Endpoint::kUsers, Endpoint::kConversations, Endpoint::kPluginResources});
  const auto leases = Lease("a");
  for (const auto& lease : leases) {
    if (lease.endpoint() != v1::PLUGIN_RESOURCES) {
      ASSERT_OK(CommitPage(lease, 0, ""));
    }
  }
  for (const auto& lease : leases) {
    if (lease.endpoint() != v1::PLUGIN_RESOURCES) continue;
    ASSERT_OK(Release(lease, v1::ReleaseWindowRequest::ENDPOINT_REFUSED));
  }
  FinishAll("a");
  const v1::Job after = Job(job);
  EXPECT_EQ(after.state(), v1::JOB_DONE);
  EXPECT_EQ(after.parked_windows(), 1u);  // plugin-resources, and nothing else
  const v1::GetStatusResponse status = *admin_->GetStatus({});
  ASSERT_THAT(status.sources(0).blocked_endpoints(), SizeIs(1));
  EXPECT_EQ(status.sources(0).blocked_endpoints(0).endpoint(), v1::PLUGIN_RESOURCES);
}

TEST_F(Jobs, ARefusedEndpointLeavesNoWindowBehindWhateverItsWorkersDo) {
  const v1::Job job = Backfill({Endpoint::kPluginResources}, false, 20'000);
  const auto leases = Lease("a");
  ASSERT_THAT(leases, SizeIs(2));
  ASSERT_OK(Release(leases[0], v1::ReleaseWindowRequest::ENDPOINT_REFUSED));
  // The other was leased too: its worker waits for a permit, or is about to commit.
  EXPECT_THAT(AskPermit(leases[1], "r"), StatusIs(absl::StatusCode::kAborted, HasSubstr("lease")));
  EXPECT_THAT(CommitPage(leases[1], 0, ""), StatusIs(absl::StatusCode::kAborted, HasSubstr("lease")));
  EXPECT_EQ(Job(job).state(), v1::JOB_DONE);
  // Asked for again by hand, the endpoint gets another try.
  const v1::Job next = Backfill({Endpoint::kPluginResources});
  EXPECT_THAT(Lease("a"), Not(IsEmpty()));
  EXPECT_EQ(Job(next).parked_windows(), 0u);
}

TEST_F(Jobs, TheSameCommandResumesAPausedJob) {
  const v1::Job job = Backfill({Endpoint::kUsers}, /*reuse=*/true);
  ASSERT_OK(Control(job, v1::ControlJobRequest::PAUSE));
  EXPECT_EQ(Backfill({Endpoint::kUsers}, true).state(), v1::JOB_RUNNING);
}

TEST_F(Jobs, TheSameUrlUnderAnotherNameWouldBeASecondBudget) {
  CoreOptions options = Options();
  options.sources[0].name = "again";
  options.destinations.clear();
  EXPECT_THAT(Core::Open(std::make_unique<KeptStore>(store_, 9), clock_, random_, options),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("as source 'acme'")));
}

TEST_F(Jobs, AStoreThatFailedForGoodIsToldToTheProcess) {
  Backfill();
  {
    const Core::Turn turn = core_->Enter();
    EXPECT_OK(core_->fatal(turn));
  }
  KeptStore::refuse_commits = absl::DataLossError("the disk is broken");
  v1::CreateBackfillRequest request;
  EXPECT_THAT(admin_->CreateBackfill(request), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("broken")));
  const Core::Turn turn = core_->Enter();
  EXPECT_THAT(core_->fatal(turn), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("broken")));
}

TEST_F(Jobs, RefusedCredentialsBlockTheSourceUntilTheyChange) {
  const v1::Job job = Backfill();
  const auto leases = Lease("a");
  ASSERT_OK(Release(leases[0], v1::ReleaseWindowRequest::SOURCE_REFUSED));
  EXPECT_THAT(AskPermit(leases[1], "r"), StatusIs(absl::StatusCode::kAborted, HasSubstr("blocked")));
  EXPECT_THAT(Lease("a"), IsEmpty());
  EXPECT_THAT(admin_->GetStatus({})->sources(0).blocked(), HasSubstr("because of the test"));
  v1::SyncRequest request = SyncRequest("a");
  request.mutable_sources(0)->set_generation("the key file was replaced");
  EXPECT_GT(workers_->Sync(request)->fetch_size(), 0);
  EXPECT_EQ(admin_->GetStatus({})->sources(0).blocked(), "");
}

TEST_F(Jobs, AnEmptyRangeIsRefusedWithBothItsEnds) {
  v1::CreateBackfillRequest request;
  *request.mutable_from() = ToProto(*ParseDate("2026-03-02"));
  *request.mutable_to() = ToProto(*ParseDate("2026-03-01"));
  EXPECT_THAT(
      admin_->CreateBackfill(request),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("2026-03-02 is not before --to 2026-03-01")));
}

TEST_F(Jobs, WhatDoesNotExistIsNamed) {
  v1::GetJobRequest job;
  job.set_number(77);
  EXPECT_THAT(admin_->GetJob(job), StatusIs(absl::StatusCode::kNotFound, HasSubstr("job-77")));
  v1::GetWindowRequest window;
  window.set_number(7);
  EXPECT_THAT(admin_->GetWindow(window), StatusIs(absl::StatusCode::kNotFound, HasSubstr("w-7")));
  EXPECT_THAT(core_->SourceId("globex"), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("acme")));
}

TEST_F(Jobs, AStateOfAnotherSourceIsRefused) {
  CoreOptions options = Options();
  options.sources[0].url = "https://api.other.com/export/v1/records";
  EXPECT_THAT(Core::Open(std::make_unique<KeptStore>(store_, 9), clock_, random_, options),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("belongs to https://api.example.com")));
}

TEST_F(Jobs, ASourceTakenOutOfTheConfigurationKeepsItsWindowsAndGoesOnWhenItIsBack) {
  const v1::Job job = Backfill({Endpoint::kUsers});
  const auto leases = Lease("a");
  ASSERT_OK(CommitPage(leases[0], 0, "next"));
  CoreOptions without = Options();
  without.sources.clear();
  without.destinations.clear();
  Start(without);
  EXPECT_THAT(CommitPage(leases[0], 1, ""), StatusIs(absl::StatusCode::kAborted, HasSubstr("lease")));
  EXPECT_THAT(Lease("a"), IsEmpty());
  EXPECT_EQ(Job(job).state(), v1::JOB_RUNNING);
  v1::GetWindowRequest window;
  window.set_number(leases[0].window());
  EXPECT_THAT(admin_->ExplainWindow(window)->why(), HasSubstr("not in the configuration"));
  Start();
  EXPECT_EQ(Lease("a").at(0).page(), 1u);
}

TEST_F(Jobs, ANarrowerRangeIsAnotherJobAndOrphansNoWindow) {
  v1::CreateBackfillRequest request;
  request.add_endpoints(v1::CONVERSATIONS);
  request.set_reuse_unfinished(true);
  *request.mutable_from() = ToProto(clock_.Now().wall - absl::Hours(24 * 20));
  const v1::Job wide = *admin_->CreateBackfill(request);
  *request.mutable_from() = ToProto(clock_.Now().wall - absl::Hours(24 * 2));
  const v1::Job narrow = *admin_->CreateBackfill(request);
  EXPECT_NE(narrow.number(), wide.number());
  FinishAll("a");
  EXPECT_EQ(Job(wide).state(), v1::JOB_DONE);
  EXPECT_EQ(Job(narrow).state(), v1::JOB_DONE);
}

TEST_F(Jobs, EveryWindowSaysWhyItIsNotDone) {
  const v1::Job job = Backfill({Endpoint::kUsers});
  const uint64_t number = *core_->state().WindowsOf(job.number()).rbegin();
  v1::GetWindowRequest request;
  request.set_number(number);
  EXPECT_THAT(admin_->ExplainWindow(request)->why(), HasSubstr("no worker"));
  const auto leases = Lease("a");
  EXPECT_THAT(admin_->ExplainWindow(request)->why(), HasSubstr("worker a reads page 0"));
  ASSERT_OK(Release(leases[0], v1::ReleaseWindowRequest::PARKED));
  EXPECT_EQ(admin_->ExplainWindow(request)->next_step(), "penstock windows retry w-1002");
  ASSERT_OK(admin_->RetryWindow(request));
  EXPECT_THAT(admin_->RetryWindow(request),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("PENDING")));
  ASSERT_OK(Control(job, v1::ControlJobRequest::PAUSE));
  EXPECT_EQ(admin_->ExplainWindow(request)->next_step(), "penstock jobs resume job-1");
}

}  // namespace
}  // namespace penstock::coordinator
