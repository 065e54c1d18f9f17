// SPDX-License-Identifier: Apache-2.0
// A worker that lies: what it may reach is its own lease.
#include "coordinator/limits.h"
#include "coordinator/load_desk.h"
#include "tests/coordinator/coordinator_fixture.h"

namespace penstock::coordinator {
namespace {

using ::testing::HasSubstr;

constexpr char kStamp[] = "2026-02-21T06:00:00.000Z";

class HostileWorker : public CoordinatorFixture {
 protected:
  // One window each.
  v1::FetchAssignment LeaseOne(const std::string& worker) {
    v1::SyncRequest request = SyncRequest(worker);
    request.set_fetch_capacity(1);
    return workers_->Sync(request)->fetch(0);
  }
  void ExpectNothingReached(const v1::FetchAssignment& lease) {
    const auto refused = StatusIs(absl::StatusCode::kAborted, HasSubstr("lease"));
    core_->Enter();  // what expired meanwhile is over
    const uint64_t before = store_->last_commit();
    EXPECT_THAT(CommitPage(lease, 0, "", {Row("x", kStamp)}), refused);
    EXPECT_THAT(Release(lease, v1::ReleaseWindowRequest::PARKED), refused);
    EXPECT_THAT(AskPermit(lease, "r"), refused);
    EXPECT_EQ(store_->last_commit(), before);
  }
};

TEST_F(HostileWorker, AForgedTokenReachesNothing) {
  Backfill();
  const v1::FetchAssignment honest = LeaseOne("a");
  for (const auto& [epoch, counter] : std::vector<std::pair<int, int>>{{0, 1}, {1, 0}, {0, -1}, {-1, 0}}) {
    v1::FetchAssignment forged = honest;
    forged.mutable_token()->set_epoch(honest.token().epoch() + epoch);
    forged.mutable_token()->set_counter(honest.token().counter() + counter);
    ExpectNothingReached(forged);
  }
  v1::ReadChangesRequest changes;
  *changes.mutable_token() = honest.token();  // a window's token is no load's
  changes.set_source(kSource);
  EXPECT_THAT(ReadChanges(*core_, changes, [](const auto&) { return true; }),
              StatusIs(absl::StatusCode::kAborted, HasSubstr("lease")));
  EXPECT_OK(CommitPage(honest, 0, ""));
}

TEST_F(HostileWorker, TheWindowOfAnotherOneIsOutOfReach) {
  Backfill();
  const v1::FetchAssignment own = LeaseOne("a");
  const v1::FetchAssignment other = LeaseOne("b");
  for (uint64_t window : {other.window(), uint64_t{0}, uint64_t{999'999}}) {
    v1::FetchAssignment forged = own;
    forged.set_window(window);
    ExpectNothingReached(forged);
  }
  EXPECT_OK(CommitPage(other, 0, ""));
}

TEST_F(HostileWorker, NamingTheLeaseOfAnotherOneNeitherRenewsNorTakesIt) {
  Backfill();
  const v1::FetchAssignment other = LeaseOne("b");
  clock_.Advance(kLease - absl::Seconds(1));
  const absl::StatusOr<v1::SyncResponse> response = workers_->Sync(SyncRequest("a", {other}));
  ASSERT_EQ(response->lost_size(), 1);
  clock_.Advance(absl::Seconds(1));
  ExpectNothingReached(other);
}

// A row does not say where it belongs: its window does.
TEST_F(HostileWorker, RowsOfAnotherEndpointLandWhereTheWindowIs) {
  Backfill({Endpoint::kConversations});
  ASSERT_OK(CommitPage(LeaseOne("a"), 0, "", {Row("x", kStamp, R"(,"email_addr":"a@example.com")")}));
  EXPECT_OK(store_->GetRow(1, Endpoint::kConversations, "x"));
  for (Endpoint endpoint : {Endpoint::kUsers, Endpoint::kInteractions}) {
    EXPECT_EQ(store_->GetRow(1, endpoint, "x").status().code(), absl::StatusCode::kNotFound);
  }
}

TEST_F(HostileWorker, ARowCannotPassForOneThatNobodyIsShown) {
  Backfill({Endpoint::kConversations});
  v1::Row row = Row("x", kStamp);
  row.set_stand_in(true);
  ASSERT_OK(CommitPage(LeaseOne("a"), 0, "", {row}));
  EXPECT_OK(store_->GetRow(1, Endpoint::kConversations, "x"));
}

TEST_F(HostileWorker, ASyncThatIsTooLargeIsRefused) {
  v1::SyncRequest request = SyncRequest("a");
  request.set_version(std::string(kSyncBytesMax, 'v'));
  EXPECT_THAT(workers_->Sync(request),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("at most 1048576")));
  EXPECT_EQ(core_->workers().size(), 0u);
}

TEST_F(HostileWorker, OnlySoManyNamesAreRemembered) {
  for (size_t i = 0; i < kWorkersMax; ++i) ASSERT_OK(workers_->Sync(SyncRequest(std::to_string(i))));
  EXPECT_THAT(workers_->Sync(SyncRequest("one more")),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("start fewer")));
  EXPECT_OK(workers_->Sync(SyncRequest("17"))) << "those who are known go on";
  clock_.Advance(absl::Minutes(11));
  EXPECT_OK(workers_->Sync(SyncRequest("one more")));
}

}  // namespace
}  // namespace penstock::coordinator
