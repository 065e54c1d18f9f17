// SPDX-License-Identifier: Apache-2.0
// Destinations that somebody paused, and why one is not loaded.
#include "coordinator/limits.h"
#include "coordinator/load_desk.h"
#include "tests/coordinator/coordinator_fixture.h"

namespace penstock::coordinator {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr char kStamp[] = "2026-02-21T06:00:00.000Z";

class PausedDestination : public CoordinatorFixture {
 protected:
  std::vector<v1::LoadAssignment> LeaseLoads(const std::string& worker = "loader") {
    v1::SyncRequest request = SyncRequest(worker);
    request.set_fetch_capacity(0);
    request.set_load_capacity(4);
    for (const auto& [name, source] : core_->options().destinations) request.add_destinations(name);
    absl::StatusOr<v1::SyncResponse> response = workers_->Sync(request);
    EXPECT_OK(response);
    return {response->load().begin(), response->load().end()};
  }
  static v1::ReportLoadRequest Done(const v1::LoadAssignment& lease, uint64_t loaded) {
    v1::ReportLoadRequest request;
    *request.mutable_token() = lease.token();
    request.set_destination(lease.destination());
    request.set_kind(lease.kind());
    request.set_loaded(loaded);
    request.mutable_progress();
    return request;
  }
  static v1::ReportLoadRequest Failed(const v1::LoadAssignment& lease, const std::string& detail) {
    v1::ReportLoadRequest request = Done(lease, 0);
    request.mutable_failure()->set_kind(v1::LoadFailure::REFUSED);
    request.mutable_failure()->set_detail(detail);
    return request;
  }
  bool Report(const v1::ReportLoadRequest& request) {
    const absl::StatusOr<v1::ReportLoadResponse> response = ReportLoad(*core_, request);
    EXPECT_OK(response);
    return response.ok() && response->carry_on();
  }
  void Pause(const std::string& name = "warehouse") {
    v1::PauseDestinationRequest request;
    request.set_name(name);
    request.set_reason("the server moves");
    request.set_requested_by("alice");
    ASSERT_OK(admin_->PauseDestination(request));
  }
  static v1::DestinationRequest Named(const std::string& name = "warehouse") {
    v1::DestinationRequest request;
    request.set_name(name);
    return request;
  }
  void Resume() { ASSERT_OK(admin_->ResumeDestination(Named())); }
  v1::Destination View() { return admin_->ListDestinations({})->destinations(0); }
  std::string Why(const std::string& name = "warehouse") {
    return admin_->ExplainDestination(Named(name))->why();
  }
  std::string Next() { return admin_->ExplainDestination(Named())->next_step(); }
  void FetchTwo() {
    Backfill();
    fetch_ = Lease("fetcher");
    ASSERT_OK(CommitPage(fetch_[0], 0, "", {Row("x", kStamp), Row("y", kStamp)}));
  }

  std::vector<v1::FetchAssignment> fetch_;
};

TEST_F(PausedDestination, NothingIsLoadedThereUntilItIsResumedRestartsIncluded) {
  FetchTwo();
  Pause();
  EXPECT_THAT(LeaseLoads(), SizeIs(0));
  const absl::Time since = clock_.Now().wall;
  clock_.Advance(absl::Hours(1));
  Start();
  EXPECT_THAT(LeaseLoads(), SizeIs(0));
  EXPECT_EQ(View().pause().by(), "alice");
  EXPECT_EQ(View().pause().reason(), "the server moves");
  EXPECT_EQ(FromProto(View().pause().since()), since);
  EXPECT_EQ(View().behind(), 2u);
  EXPECT_FALSE(View().loading());
  Resume();
  EXPECT_FALSE(View().has_pause());
  const auto leases = LeaseLoads();
  ASSERT_THAT(leases, SizeIs(1));
  EXPECT_FALSE(Report(Done(leases[0], 2)));
  EXPECT_EQ(View().behind(), 0u);
}

TEST_F(PausedDestination, TheLoadThatRunsEndsWithItsBatch) {
  FetchTwo();
  const auto leases = LeaseLoads();
  ASSERT_THAT(leases, SizeIs(1));
  Pause();
  EXPECT_TRUE(View().loading()) << "the batch is being written";
  EXPECT_THAT(Why(), HasSubstr("until its next batch"));
  EXPECT_FALSE(Report(Done(leases[0], 1)));
  EXPECT_FALSE(View().loading());
  EXPECT_EQ(View().loaded(), 1u) << "what is there is there";
  EXPECT_THAT(LeaseLoads(), SizeIs(0));
}

TEST_F(PausedDestination, TheOthersGoOn) {
  CoreOptions options = Options();
  options.destinations["other"] = kSource;
  Start(options);
  FetchTwo();
  Pause();
  const auto leases = LeaseLoads();
  ASSERT_THAT(leases, SizeIs(1));
  EXPECT_EQ(leases[0].destination(), "other");
}

TEST_F(PausedDestination, ItCanStillBeComparedAndAResyncIsRemembered) {
  FetchTwo();
  Pause();
  ASSERT_OK(admin_->ResyncDestination(Named()));
  ASSERT_OK(admin_->VerifyDestination(Named()));
  auto leases = LeaseLoads();
  ASSERT_THAT(leases, SizeIs(1));
  EXPECT_EQ(leases[0].kind(), v1::VERIFY);
  Report(Done(leases[0], 0));
  EXPECT_THAT(LeaseLoads(), SizeIs(0));
  Resume();
  leases = LeaseLoads();
  ASSERT_THAT(leases, SizeIs(1));
  EXPECT_EQ(leases[0].kind(), v1::RESYNC);
}

TEST_F(PausedDestination, OneThatFailedIsTriedAtOnceWhenItIsResumed) {
  FetchTwo();
  Report(Failed(LeaseLoads()[0], "wrong password"));
  EXPECT_THAT(LeaseLoads(), SizeIs(0));
  Pause();
  Resume();
  EXPECT_THAT(LeaseLoads(), SizeIs(1));
}

TEST_F(PausedDestination, AReasonIsASentence) {
  v1::PauseDestinationRequest request;
  request.set_name("warehouse");
  request.set_reason(std::string(kPauseBytesMax + 1, 'x'));
  EXPECT_THAT(admin_->PauseDestination(request),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("sentence")));
  request.set_name("elsewhere");
  request.set_reason("");
  EXPECT_THAT(admin_->PauseDestination(request),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("known are warehouse")));
}

TEST_F(PausedDestination, AStoreThatIsOnlyReadShowsItAndChangesNothing) {
  FetchTwo();
  Pause();
  CoreOptions options;
  options.read_only = true;
  Start(options);
  ASSERT_EQ(admin_->ListDestinations({})->destinations_size(), 1);
  EXPECT_EQ(View().pause().by(), "alice");
  EXPECT_THAT(Why(), StartsWith("paused by alice"));
  EXPECT_THAT(admin_->ResumeDestination(Named()),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("no coordinator runs")));
  EXPECT_THAT(admin_->ExplainDestination(Named("elsewhere")),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("known are warehouse")));
}

TEST_F(PausedDestination, WhySaysWhoPausedItAndHowItGoesOn) {
  FetchTwo();
  Pause();
  EXPECT_EQ(Why(), absl::StrCat("paused by alice since ", FormatMinute(clock_.Now().wall),
                                " UTC: the server moves; 2 changes behind"));
  EXPECT_EQ(Next(), "destinations resume warehouse");
}

TEST_F(PausedDestination, WhyNamesTheErrorSinceWhenAndWhenItIsTriedAgain) {
  FetchTwo();
  const absl::Time began = clock_.Now().wall;
  Report(Failed(LeaseLoads()[0], "wrong password"));
  clock_.Advance(kLoadRetryFirst);
  Report(Failed(LeaseLoads()[0], "wrong password"));
  EXPECT_EQ(Why(), absl::StrCat("parked since ", FormatMinute(began),
                                " UTC: wrong password; 2 changes behind; last ", "tried ",
                                FormatMinute(clock_.Now().wall), " UTC, again in 10 s"));
  EXPECT_EQ(Next(), "destinations test warehouse");
  EXPECT_EQ(FromProto(View().failing_since()), began) << "when it began, not when it was tried last";
  Start();
  EXPECT_EQ(FromProto(View().failing_since()), began);
  EXPECT_THAT(Why(), HasSubstr("again when it can be: no worker is connected"));
  Report(Done(LeaseLoads()[0], 2));
  EXPECT_FALSE(View().has_failing_since());
}

TEST_F(PausedDestination, WhyNamesAMissingWorkerAndAMissingSecret) {
  FetchTwo();
  clock_.Advance(kHandsFor + absl::Seconds(1));
  EXPECT_EQ(Why(), "2 changes behind; no worker is connected");
  EXPECT_EQ(Next(), "workers list");
  v1::SyncRequest other = SyncRequest("of another destination");
  other.set_fetch_capacity(0);
  other.add_destinations("elsewhere");
  ASSERT_OK(workers_->Sync(other));
  EXPECT_THAT(Why(), HasSubstr("none of the 1 connected workers loads it: its settings and its secret"));
}

TEST_F(PausedDestination, WhyNamesWhoWorksOnIt) {
  FetchTwo();
  auto leases = LeaseLoads("w1");
  EXPECT_EQ(Why(), "worker w1 looks at what it holds");
  EXPECT_TRUE(Report(Done(leases[0], 1)));
  EXPECT_EQ(Why(), "worker w1 loads it, 1 change behind");
  EXPECT_EQ(View().worker(), "w1");
  EXPECT_EQ(View().work(), "load");
  Report(Done(leases[0], 2));
  EXPECT_THAT(Why(), StartsWith("caught up: it holds every change of the store up to 2, looked at last "));
  ASSERT_OK(admin_->VerifyDestination(Named()));
  leases = LeaseLoads("w1");
  EXPECT_EQ(Why(), "worker w1 compares it with the store");
  Report(Done(leases[0], 0));
  ASSERT_OK(admin_->ResyncDestination(Named()));
  EXPECT_EQ(Why(), "everything is to be loaded again; waiting for a worker with a free hand");
  LeaseLoads("w1");
  EXPECT_THAT(Why(), StartsWith("worker w1 loads everything again"));
}

TEST_F(PausedDestination, WhyNamesTheIntervalThatItWaitsFor) {
  CoreOptions options = Options();
  options.load_intervals["warehouse"] = absl::Minutes(10);
  Start(options);
  FetchTwo();
  Report(Done(LeaseLoads()[0], 2));
  clock_.Advance(absl::Minutes(4));
  ASSERT_OK(CommitPage(Lease("fetcher")[0], 0, "https://next", {Row("z", kStamp)}));
  EXPECT_THAT(LeaseLoads(), SizeIs(0));
  EXPECT_EQ(Why(),
            "1 change behind; its loads keep 10 min apart while a job runs: the next one in 6 min, or "
            "when the job ends");
}

}  // namespace
}  // namespace penstock::coordinator
