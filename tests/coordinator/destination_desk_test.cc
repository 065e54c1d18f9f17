// SPDX-License-Identifier: Apache-2.0
// What people ask of a destination, and what its worker is told to do.
#include "coordinator/limits.h"
#include "tests/coordinator/coordinator_fixture.h"

namespace penstock::coordinator {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kStamp[] = "2026-02-21T06:00:00.000Z";

class DestinationDesk : public CoordinatorFixture {
 protected:
  static v1::DestinationRequest Warehouse() {
    v1::DestinationRequest request;
    request.set_name("warehouse");
    return request;
  }
  std::vector<v1::LoadAssignment> LeaseLoads() {
    v1::SyncRequest request = SyncRequest("loader");
    request.set_fetch_capacity(0);
    request.add_destinations("warehouse");
    if (held_.has_value()) *request.add_held()->mutable_token() = *held_;
    absl::StatusOr<v1::SyncResponse> response = workers_->Sync(request);
    EXPECT_OK(response);
    return {response->load().begin(), response->load().end()};
  }
  v1::LoadAssignment LeaseOne(v1::LoadKind kind) {
    const std::vector<v1::LoadAssignment> leases = LeaseLoads();
    EXPECT_THAT(leases, SizeIs(1));
    if (leases.empty()) return {};
    EXPECT_EQ(leases[0].kind(), kind);
    return leases[0];
  }
  static v1::ReportLoadRequest Done(const v1::LoadAssignment& lease, uint64_t loaded) {
    v1::ReportLoadRequest request;
    *request.mutable_token() = lease.token();
    request.set_destination("warehouse");
    request.set_kind(lease.kind());
    request.set_loaded(loaded);
    request.mutable_progress();
    return request;
  }
  bool Report(const v1::ReportLoadRequest& request) {
    const absl::StatusOr<v1::ReportLoadResponse> response = ReportLoad(*core_, request);
    EXPECT_OK(response);
    return response.ok() && response->carry_on();
  }
  // Two rows in the store, and loaded.
  void LoadSome() {
    Backfill();
    ASSERT_OK(CommitPage(Lease("fetcher")[0], 0, "", {Row("x", kStamp), Row("y", kStamp)}));
    Report(Done(LeaseOne(v1::CATCH_UP), 2));
    EXPECT_THAT(LeaseLoads(), SizeIs(0));
  }
  v1::Destination View() { return admin_->ListDestinations({})->destinations(0); }

  std::optional<v1::LeaseToken> held_;
};

TEST_F(DestinationDesk, AResyncIsRememberedUntilItHasBegun) {
  LoadSome();
  const absl::StatusOr<v1::Destination> asked = admin_->ResyncDestination(Warehouse());
  ASSERT_OK(asked);
  EXPECT_TRUE(asked->resync());
  EXPECT_EQ(asked->behind(), 2u) << "whoever waits for the destination waits for all of it";
  Start();
  EXPECT_TRUE(View().resync());
  const v1::LoadAssignment lease = LeaseOne(v1::RESYNC);
  EXPECT_TRUE(Report(Done(lease, 1)));
  EXPECT_FALSE(View().resync());
  EXPECT_EQ(View().behind(), 1u);
  EXPECT_FALSE(Report(Done(lease, 2)));
  EXPECT_THAT(LeaseLoads(), SizeIs(0));
}

TEST_F(DestinationDesk, AResyncWaitsForTheLoadThatRuns) {
  Backfill();
  ASSERT_OK(CommitPage(Lease("fetcher")[0], 0, "", {Row("x", kStamp), Row("y", kStamp)}));
  const v1::LoadAssignment running = LeaseOne(v1::CATCH_UP);
  ASSERT_OK(admin_->ResyncDestination(Warehouse()));
  EXPECT_FALSE(Report(Done(running, 1))) << "it ends with the batch that it has";
  EXPECT_EQ(View().behind(), 2u);
  Report(Done(LeaseOne(v1::RESYNC), 2));
  EXPECT_EQ(View().behind(), 0u);
}

TEST_F(DestinationDesk, AWorkerThatDoesNotKnowAResyncDoesNotEndIt) {
  LoadSome();
  ASSERT_OK(admin_->ResyncDestination(Warehouse()));
  v1::ReportLoadRequest old = Done(LeaseOne(v1::RESYNC), 2);
  old.clear_kind();
  EXPECT_FALSE(Report(old));
  EXPECT_TRUE(View().resync());
  LeaseOne(v1::RESYNC);
}

TEST_F(DestinationDesk, AVerificationIsDoneOnceAndKept) {
  LoadSome();
  EXPECT_THAT(admin_->GetVerification(Warehouse()),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("nobody asked")));
  ASSERT_OK_AND_ASSIGN(const v1::Verification asked, admin_->VerifyDestination(Warehouse()));
  EXPECT_EQ(asked.state(), v1::Verification::WAITING);
  const v1::LoadAssignment lease = LeaseOne(v1::VERIFY);
  EXPECT_EQ(admin_->GetVerification(Warehouse())->state(), v1::Verification::RUNNING);
  EXPECT_EQ(admin_->VerifyDestination(Warehouse())->number(), asked.number()) << "it runs already";
  v1::ReportLoadRequest found = Done(lease, 0);
  v1::TableComparison& table = *found.mutable_verification()->add_tables();
  table.set_missing(100);
  for (int i = 0; i < 100; ++i) table.add_differences()->set_id(absl::StrCat(i));
  for (int i = 0; i < 1000; ++i) table.add_days()->set_missing(1);
  EXPECT_FALSE(Report(found));
  const v1::Verification done = *admin_->GetVerification(Warehouse());
  EXPECT_EQ(done.state(), v1::Verification::DONE);
  EXPECT_EQ(done.number(), asked.number());
  EXPECT_EQ(done.tables(0).missing(), 100u);
  EXPECT_EQ(done.tables(0).differences_size(), kDifferencesShown);
  EXPECT_EQ(done.tables(0).days_size(), kDifferingDaysKept);
  EXPECT_THAT(LeaseLoads(), SizeIs(0));
  EXPECT_EQ(View().loaded(), 2u) << "no load is told by it";
  EXPECT_EQ(admin_->VerifyDestination(Warehouse())->number(), asked.number() + 1);
}

TEST_F(DestinationDesk, AVerificationOfADestinationThatRefusesSaysWhy) {
  LoadSome();
  ASSERT_OK(admin_->VerifyDestination(Warehouse()));
  v1::ReportLoadRequest refused = Done(LeaseOne(v1::VERIFY), 0);
  refused.mutable_failure()->set_kind(v1::LoadFailure::REFUSED);
  refused.mutable_failure()->set_detail("wrong password");
  EXPECT_FALSE(Report(refused));
  EXPECT_EQ(admin_->GetVerification(Warehouse())->state(), v1::Verification::FAILED);
  EXPECT_EQ(admin_->GetVerification(Warehouse())->failure(), "wrong password");
  EXPECT_EQ(View().failure(), "") << "no load failed";
}

TEST_F(DestinationDesk, AVerificationWhoseWorkerDiedIsLeasedAgain) {
  LoadSome();
  ASSERT_OK(admin_->VerifyDestination(Warehouse()));
  LeaseOne(v1::VERIFY);
  clock_.Advance(kLease);
  LeaseOne(v1::VERIFY);
}

TEST_F(DestinationDesk, AnUnknownDestinationIsNotFoundAndTheKnownAreNamed) {
  v1::DestinationRequest request;
  request.set_name("elsewhere");
  EXPECT_THAT(admin_->ResyncDestination(request),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("known are warehouse")));
  EXPECT_THAT(admin_->VerifyDestination(request),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("elsewhere")));
}

TEST_F(DestinationDesk, AReadOnlyStoreRefusesBoth) {
  LoadSome();
  CoreOptions options = Options();
  options.read_only = true;
  Start(options);
  EXPECT_THAT(admin_->ResyncDestination(Warehouse()),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("no coordinator runs")));
  EXPECT_THAT(admin_->VerifyDestination(Warehouse()),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("no coordinator runs")));
}

TEST_F(DestinationDesk, ChangesOfAnotherLifeOfTheStoreAreOutOfRange) {
  LoadSome();
  ASSERT_OK(admin_->ResyncDestination(Warehouse()));
  v1::ReadChangesRequest request;
  *request.mutable_token() = LeaseOne(v1::RESYNC).token();
  uint64_t epoch = 0;
  const auto read = [&] {
    return ReadChanges(*core_, request, [&](const v1::ReadChangesResponse& message) {
      epoch = message.epoch();
      return true;
    });
  };
  ASSERT_OK(read());
  EXPECT_EQ(epoch, static_cast<uint64_t>(absl::ToUnixNanos(clock_.Now().wall)));
  request.set_after(2);
  request.set_epoch(epoch);
  EXPECT_OK(read());
  request.set_epoch(epoch + 1);
  EXPECT_THAT(read(), StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("older copy")));
  request.set_epoch(0);
  EXPECT_OK(read()) << "a destination that was loaded before epochs were told";
}

TEST_F(DestinationDesk, CoverageIsToldOnceAndAgainWhenItChanged) {
  CoreOptions options = Options();
  options.report_coverage = true;
  Start(options);
  Backfill({Endpoint::kConversations});
  ASSERT_OK(CommitPage(Lease("fetcher")[0], 0, "https://next", {Row("x", kStamp)}));
  const v1::LoadAssignment first = LeaseOne(v1::CATCH_UP);
  ASSERT_TRUE(first.has_coverage());
  EXPECT_GT(first.coverage().cells_size(), 4 * 30 - 1);
  v1::ReportLoadRequest put = Done(first, 1);
  put.set_coverage_version(first.coverage().version());
  Report(put);
  EXPECT_THAT(LeaseLoads(), SizeIs(0));
  clock_.Advance(kCoverageEvery);
  EXPECT_THAT(LeaseLoads(), SizeIs(0)) << "it is the same";

  FinishAll("fetcher");
  clock_.Advance(kCoverageEvery);
  const v1::LoadAssignment second = LeaseOne(v1::CATCH_UP);
  EXPECT_TRUE(second.has_coverage());
  EXPECT_NE(second.coverage().version(), first.coverage().version());
  // A destination that cannot take it is not asked for the same again.
  Report(Done(second, 1));
  EXPECT_THAT(LeaseLoads(), SizeIs(0));
}

}  // namespace
}  // namespace penstock::coordinator
