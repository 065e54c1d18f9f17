// SPDX-License-Identifier: Apache-2.0
#include "coordinator/load_desk.h"

#include "coordinator/limits.h"
#include "tests/coordinator/coordinator_fixture.h"

namespace penstock::coordinator {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kStamp[] = "2026-02-21T06:00:00.000Z";

class Loads : public CoordinatorFixture {
 protected:
  std::vector<v1::LoadAssignment> LeaseLoads(const std::string& worker) {
    v1::SyncRequest request = SyncRequest(worker);
    request.set_fetch_capacity(0);
    request.add_destinations("warehouse");
    absl::StatusOr<v1::SyncResponse> response = workers_->Sync(request);
    EXPECT_OK(response);
    return {response->load().begin(), response->load().end()};
  }

  absl::StatusOr<v1::ReportLoadResponse> Report(const v1::LoadAssignment& lease, uint64_t loaded) {
    v1::ReportLoadRequest request;
    *request.mutable_token() = lease.token();
    request.set_destination("warehouse");
    request.set_loaded(loaded);
    request.mutable_progress();
    return ReportLoad(*core_, request);
  }

  // Two rows in the store.
  void FetchSome() {
    Backfill();
    ASSERT_OK(CommitPage(Lease("fetcher")[0], 0, "", {Row("x", kStamp), Row("y", kStamp)}));
  }
};

TEST_F(Loads, ADestinationIsLookedAtOnceAfterEachStart) {
  Backfill();
  const auto leases = LeaseLoads("a");
  ASSERT_THAT(leases, SizeIs(1));
  ASSERT_OK(Report(leases[0], 0));
  EXPECT_THAT(LeaseLoads("a"), SizeIs(0));
  Start();
  EXPECT_THAT(LeaseLoads("a"), SizeIs(1));
}

TEST_F(Loads, ChangesAreReadInOrderAndReportedBack) {
  FetchSome();
  const auto leases = LeaseLoads("a");
  ASSERT_THAT(leases, SizeIs(1));
  v1::ReadChangesRequest request;
  *request.mutable_token() = leases[0].token();
  std::vector<uint64_t> numbers;
  ASSERT_OK(ReadChanges(*core_, request, [&](const v1::ReadChangesResponse& message) {
    for (const v1::Change& change : message.changes()) numbers.push_back(change.number());
    EXPECT_EQ(message.head(), 2u);
    return true;
  }));
  EXPECT_THAT(numbers, ::testing::ElementsAre(1, 2));
  EXPECT_TRUE(Report(leases[0], 1)->carry_on());
  EXPECT_FALSE(Report(leases[0], 2)->carry_on());
  EXPECT_THAT(Report(leases[0], 2), StatusIs(absl::StatusCode::kAborted, HasSubstr("lease")));
  EXPECT_EQ(admin_->ListDestinations({})->destinations(0).behind(), 0u);
}

TEST_F(Loads, ALoadIsDueAfterEachPageThatBroughtSomethingAndNotTwice) {
  Backfill();
  const auto fetch = Lease("fetcher")[0];
  ASSERT_OK(CommitPage(fetch, 0, "https://next", {Row("x", kStamp)}));
  const auto first = LeaseLoads("a");
  ASSERT_THAT(first, SizeIs(1));
  ASSERT_OK(CommitPage(fetch, 1, "", {Row("y", kStamp)}));
  EXPECT_TRUE(Report(first[0], 1)->carry_on());
  EXPECT_EQ(admin_->ListDestinations({})->destinations(0).behind(), 1u);
  EXPECT_FALSE(Report(first[0], 2)->carry_on());
  EXPECT_EQ(admin_->ListDestinations({})->destinations(0).behind(), 0u);
  EXPECT_THAT(LeaseLoads("a"), SizeIs(0));
}

TEST_F(Loads, ADestinationThatFailsWaitsAloneAndSaysWhy) {
  FetchSome();
  const auto leases = LeaseLoads("a");
  v1::ReportLoadRequest request;
  *request.mutable_token() = leases[0].token();
  request.set_destination("warehouse");
  request.mutable_failure()->set_kind(v1::LoadFailure::REFUSED);
  request.mutable_failure()->set_detail("wrong password");
  EXPECT_FALSE(ReportLoad(*core_, request)->carry_on());
  EXPECT_THAT(LeaseLoads("a"), SizeIs(0));
  EXPECT_EQ(admin_->ListDestinations({})->destinations(0).failure(), "wrong password");
  clock_.Advance(kLoadRetryFirst);
  const auto again = LeaseLoads("a");
  ASSERT_THAT(again, SizeIs(1));
  ASSERT_OK(Report(again[0], 2));
  EXPECT_EQ(admin_->ListDestinations({})->destinations(0).failure(), "");
}

TEST_F(Loads, RowsThatTheDestinationRefusesAreKeptAsLastTold) {
  FetchSome();
  const auto leases = LeaseLoads("a");
  v1::ReportLoadRequest request;
  *request.mutable_token() = leases[0].token();
  request.set_destination("warehouse");
  request.set_loaded(1);
  request.mutable_progress();
  request.mutable_set_aside()->set_total(40);
  for (int i = 0; i < 40; ++i) request.mutable_set_aside()->add_rows(absl::StrCat("users ", i, ": too long"));
  request.mutable_set_aside()->set_rows(1, std::string(1 << 20, 'x'));
  ASSERT_OK(ReportLoad(*core_, request));
  // A report that does not know leaves them; so does a restart.
  ASSERT_OK(Report(leases[0], 2));
  Start();
  const v1::Destination destination = admin_->ListDestinations({})->destinations(0);
  EXPECT_EQ(destination.set_aside(), 40u);
  ASSERT_EQ(destination.set_aside_rows_size(), kSetAsideShown);
  EXPECT_EQ(destination.set_aside_rows(0), "users 0: too long");
  EXPECT_EQ(destination.set_aside_rows(1), "users 2: too long") << "nobody reads a megabyte";

  const auto again = LeaseLoads("a");
  *request.mutable_token() = again[0].token();
  request.mutable_set_aside()->Clear();
  ASSERT_OK(ReportLoad(*core_, request));
  EXPECT_EQ(admin_->ListDestinations({})->destinations(0).set_aside(), 0u);
}

TEST_F(Loads, OneLoadPerDestinationAtATime) {
  FetchSome();
  EXPECT_THAT(LeaseLoads("a"), SizeIs(1));
  EXPECT_THAT(LeaseLoads("b"), SizeIs(0));
  clock_.Advance(kLease);
  EXPECT_THAT(LeaseLoads("b"), SizeIs(1));
}

TEST_F(Loads, AForeignTokenReadsNothing) {
  FetchSome();
  v1::ReadChangesRequest request;
  request.mutable_token()->set_counter(99);
  EXPECT_THAT(ReadChanges(*core_, request, [](const auto&) { return true; }),
              StatusIs(absl::StatusCode::kAborted, HasSubstr("lease")));
}

TEST_F(Loads, ARunThatWasKilledWhileItLoadedGoesOnLoadingAndReadsNothingAgain) {
  const v1::Job job = Backfill({Endpoint::kConversations}, /*reuse=*/true);
  const auto fetch = Lease("fetcher");
  ASSERT_OK(CommitPage(fetch[0], 0, "", {Row("x", kStamp), Row("y", kStamp)}));
  ASSERT_OK(Report(LeaseLoads("a")[0], 1));
  FinishAll("fetcher");
  Start();
  EXPECT_EQ(Backfill({Endpoint::kConversations}, true).number(), job.number());
  EXPECT_THAT(Lease("fetcher"), SizeIs(0));
  ASSERT_OK(Report(LeaseLoads("a")[0], 2));
  EXPECT_NE(Backfill({Endpoint::kConversations}, true).number(), job.number());
}

TEST_F(Loads, ADestinationWithAnIntervalIsLeftAloneForSoLongWhileAJobRuns) {
  CoreOptions options = Options();
  options.load_intervals["warehouse"] = absl::Minutes(10);
  Start(options);
  Backfill();
  const v1::FetchAssignment window = Lease("fetcher")[0];
  ASSERT_OK(CommitPage(window, 0, "more", {Row("x", kStamp)}));
  const auto round = LeaseLoads("a");
  ASSERT_THAT(round, SizeIs(1));
  // What comes meanwhile waits for the next round.
  ASSERT_OK(CommitPage(window, 1, "more", {Row("y", kStamp)}));
  EXPECT_FALSE(Report(round[0], 1)->carry_on());
  EXPECT_THAT(LeaseLoads("a"), SizeIs(0));
  clock_.Advance(absl::Minutes(9));
  EXPECT_THAT(LeaseLoads("a"), SizeIs(0));
  clock_.Advance(absl::Minutes(1));
  const auto next = LeaseLoads("a");
  ASSERT_THAT(next, SizeIs(1));
  EXPECT_FALSE(Report(next[0], 2)->carry_on());
  clock_.Advance(absl::Hours(10));
  EXPECT_THAT(LeaseLoads("a"), SizeIs(0)) << "nothing changed";
}

TEST_F(Loads, ADestinationWithAnIntervalIsLoadedAtOnceWhenNoJobRuns) {
  CoreOptions options = Options();
  options.load_intervals["warehouse"] = absl::Minutes(10);
  Start(options);
  const v1::Job job = Backfill();
  const v1::FetchAssignment window = Lease("fetcher")[0];
  ASSERT_OK(CommitPage(window, 0, "more", {Row("x", kStamp)}));
  ASSERT_OK(Report(LeaseLoads("a")[0], 1));
  ASSERT_OK(CommitPage(window, 1, "more", {Row("y", kStamp)}));
  EXPECT_THAT(LeaseLoads("a"), SizeIs(0));
  v1::ControlJobRequest cancel;
  cancel.set_number(job.number());
  cancel.set_action(v1::ControlJobRequest::CANCEL);
  ASSERT_OK(admin_->ControlJob(cancel));
  EXPECT_THAT(LeaseLoads("a"), SizeIs(1));
}

}  // namespace
}  // namespace penstock::coordinator
