// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "coordinator/limits.h"
#include "tests/coordinator/coordinator_fixture.h"

namespace penstock::coordinator {
namespace {

using ::testing::HasSubstr;
using Release_ = v1::ReleaseWindowRequest;

class Leases : public CoordinatorFixture {};

TEST_F(Leases, AWindowIsLeasedToOneWorkerAtATime) {
  Backfill();
  EXPECT_FALSE(Lease("a").empty());
  EXPECT_TRUE(Lease("b").empty());
}

TEST_F(Leases, ALeaseLastsToTheVeryMomentOfItsDeadline) {
  Backfill();
  const auto leases = Lease("a");
  clock_.Advance(kLease - absl::Nanoseconds(1));
  EXPECT_OK(CommitPage(leases[0], 0, "next"));
  clock_.Advance(absl::Nanoseconds(1));
  EXPECT_THAT(CommitPage(leases[0], 1, "next"), StatusIs(absl::StatusCode::kAborted, HasSubstr("lease")));
}

TEST_F(Leases, SyncRenewsWhatTheWorkerNames) {
  Backfill();
  const auto leases = Lease("a");
  for (int i = 0; i < 10; ++i) {
    clock_.Advance(kSyncEvery);
    Lease("a", leases);
  }
  EXPECT_OK(CommitPage(leases[0], 0, "next"));
}

TEST_F(Leases, TheNextHolderGoesOnFromTheLastCommittedPage) {
  Backfill();
  const auto first = Lease("a");
  ASSERT_OK(CommitPage(first[0], 0, "https://api.example.com/next"));
  clock_.Advance(kLease);
  const auto second = Lease("b");
  ASSERT_EQ(second.size(), first.size());
  EXPECT_EQ(second[0].page(), 1u);
  EXPECT_EQ(second[0].next_link(), "https://api.example.com/next");
  // The first holder wakes up: it can change nothing.
  EXPECT_THAT(CommitPage(first[0], 1, ""), StatusIs(absl::StatusCode::kAborted, HasSubstr("lease")));
  EXPECT_EQ(Window(first[0].window()).pages(), 1u);
}

TEST_F(Leases, TokensGrowOverRestartsToo) {
  Backfill();
  uint64_t epoch = 0;
  for (int restart = 0; restart < 3; ++restart) {
    clock_.Advance(kLease);
    const auto leases = Lease("a");
    ASSERT_FALSE(leases.empty());
    EXPECT_GT(leases[0].token().epoch(), epoch);
    epoch = leases[0].token().epoch();
    Start();
  }
}

TEST_F(Leases, AfterARestartAWorkerThatLivesGoesOnWithItsLease) {
  Backfill();
  const auto leases = Lease("a");
  ASSERT_OK(CommitPage(leases[0], 0, "next"));
  Start();
  EXPECT_OK(CommitPage(leases[0], 1, "next"));
  EXPECT_TRUE(Lease("b").empty());
}

TEST_F(Leases, ARunInOneProcessNeedNotWaitForLeasesOfTheDead) {
  Backfill();
  const auto leases = Lease("a");
  CoreOptions options = Options();
  options.workers_died_with_us = true;
  Start(options);
  EXPECT_EQ(Lease("b").size(), leases.size());
}

TEST_F(Leases, WhatAWorkerDoesNotNameIsFreeAtOnce) {
  Backfill();
  const auto leases = Lease("a");
  const auto again = Lease("a");  // the answer with the leases was lost on the way
  ASSERT_EQ(again.size(), leases.size());
  EXPECT_GT(again[0].token().counter(), leases[0].token().counter());
}

TEST_F(Leases, AWindowThatKillsItsWorkersIsParked) {
  Backfill();
  std::vector<v1::FetchAssignment> leases;
  for (uint32_t i = 0; i < kFailedLeasesMax; ++i) {
    leases = Lease(std::string(1, 'a' + i));
    ASSERT_FALSE(leases.empty());
    clock_.Advance(kLease);
  }
  EXPECT_TRUE(Lease("z").empty());
  EXPECT_EQ(Window(leases[0].window()).state(), v1::WINDOW_PARKED);
  EXPECT_THAT(Window(leases[0].window()).reason(), HasSubstr("3 workers"));
}

TEST_F(Leases, APageThatKillsItsWorkersIsParkedAlthoughThoseBeforeItWentWell) {
  Backfill({Endpoint::kUsers});
  auto leases = Lease("first");
  ASSERT_OK(CommitPage(leases[0], 0, "next"));
  clock_.Advance(kLease);
  for (uint32_t i = 1; i < kFailedLeasesMax; ++i) {
    leases = Lease(std::string(1, 'a' + i));
    ASSERT_FALSE(leases.empty());
    EXPECT_EQ(leases[0].page(), 1u);
    Start();  // what killed it is remembered over a restart
    clock_.Advance(kLease);
  }
  EXPECT_TRUE(Lease("z").empty());
  v1::GetWindowRequest window;
  window.set_number(leases[0].window());
  ASSERT_OK(admin_->RetryWindow(window));
  EXPECT_EQ(Lease("z")[0].page(), 1u) << "a person may try again from where it stopped";
}

TEST_F(Leases, AWallClockThatJumpsEndsNoLeaseAndASuspendDoes) {
  Backfill();
  const auto leases = Lease("a");
  for (absl::Duration jump : {absl::Hours(1), -absl::Hours(2), absl::Seconds(3)}) {
    clock_.JumpWall(jump);
    EXPECT_TRUE(Lease("b").empty()) << jump;
  }
  EXPECT_OK(CommitPage(leases[0], 0, "next"));
  clock_.Advance(absl::Hours(1));  // the boot clock counts on while a machine is suspended
  EXPECT_THAT(CommitPage(leases[0], 1, "next"), StatusIs(absl::StatusCode::kAborted, HasSubstr("lease")));
  EXPECT_FALSE(Lease("b").empty());
}

// A commit holds everybody up, and here each takes a second. Workers still reach Sync in time.
TEST_F(Leases, ADiskThatTakesASecondForEachSyncCostsNoLease) {
  Backfill({Endpoint::kConversations, Endpoint::kInteractions});
  const auto leases = Lease("a");
  KeptStore::during_commit = [this] { clock_.Advance(absl::Seconds(1)); };
  uint32_t page = 0;
  for (int round = 0; round < 20; ++round, ++page) {
    for (const auto& lease : leases) {
      ASSERT_OK(CommitPage(lease, page, "next")) << "round " << round;
    }
    absl::StatusOr<v1::SyncResponse> response = workers_->Sync(SyncRequest("a", leases));
    ASSERT_OK(response);
    ASSERT_EQ(response->lost_size(), 0) << "round " << round;
  }
  const absl::Duration before = clock_.Now().boot;
  ASSERT_TRUE(AskPermit(leases[0], "r")->has_permit());
  EXPECT_GE(clock_.Now().boot - before, absl::Seconds(1)) << "a slow disk slows the permits down too";
}

TEST_F(Leases, AThousandWorkersShareWhatThereIs) {
  Backfill({}, false, 20'000);
  std::set<uint64_t> windows;
  for (int i = 0; i < 1000; ++i) {
    v1::SyncRequest request = SyncRequest("worker-" + std::to_string(i));
    request.set_fetch_capacity(1);
    absl::StatusOr<v1::SyncResponse> response = workers_->Sync(request);
    ASSERT_OK(response);
    ASSERT_LE(response->fetch_size(), 1);
    for (const auto& lease : response->fetch()) EXPECT_TRUE(windows.insert(lease.window()).second);
  }
  EXPECT_EQ(windows.size(), core_->state().open_windows().size());
  EXPECT_GT(windows.size(), 5u);
  EXPECT_EQ(core_->workers().size(), 1000u);
  clock_.Advance(absl::Minutes(11));
  Lease("late");
  EXPECT_EQ(core_->workers().size(), 1u) << "who is silent for long is forgotten";
}

TEST_F(Leases, AWorkerThatDrainsGetsNothingAndItsWindowGoesBack) {
  Backfill();
  const auto leases = Lease("a");
  ASSERT_OK(Release(leases[0], Release_::RETURNED));
  v1::SyncRequest draining = SyncRequest("a");
  draining.set_draining(true);
  EXPECT_EQ(workers_->Sync(draining)->fetch_size(), 0);
  EXPECT_FALSE(Lease("b").empty());
}

TEST_F(Leases, AStaleCopyOfTheStoreIsNoticedByAnyWorker) {
  v1::SyncRequest request = SyncRequest("a");
  request.mutable_seen()->set_store_id("store");
  request.mutable_seen()->set_acknowledged_commit(core_->store().last_commit() + 1);
  EXPECT_THAT(workers_->Sync(request),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("stale copy")));
  request.mutable_seen()->set_store_id("another");
  EXPECT_THAT(workers_->Sync(request), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("another")));
}

TEST_F(Leases, AProtocolOneApartWorksAndAnyOtherIsRefusedWithBothNumbers) {
  Backfill();
  v1::SyncRequest request = SyncRequest("a");
  for (uint32_t protocol : {1, 2}) {
    request.set_protocol(protocol);
    EXPECT_GT(workers_->Sync(request)->fetch_size(), 0) << protocol;
  }
  for (uint32_t protocol : {0u, 3u, 7u, UINT32_MAX}) {
    request.set_protocol(protocol);
    EXPECT_THAT(workers_->Sync(request), StatusIs(absl::StatusCode::kInvalidArgument,
                                                  AllOf(HasSubstr("speaks protocol 1"),
                                                        HasSubstr("speaks " + std::to_string(protocol)))));
  }
}

TEST_F(Leases, OnlySourcesThatTheWorkerHasCredentialsForAreLeased) {
  Backfill();
  v1::SyncRequest request = SyncRequest("a");
  request.clear_sources();
  EXPECT_EQ(workers_->Sync(request)->fetch_size(), 0);
}

}  // namespace
}  // namespace penstock::coordinator
