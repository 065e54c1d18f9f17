// SPDX-License-Identifier: Apache-2.0
#include "cli/follow_job.h"

#include "tests/cli/cli_fixture.h"

namespace penstock::cli {
namespace {

using ::testing::HasSubstr;

// The state directory is held by a process: `holder` listens on its socket.
class FollowJob : public CliTest {
 protected:
  void SetUp() override {
    holder = std::make_unique<FakeAdminService>("unix:" + state + "/penstock.sock");
    v1::Job& job = holder->jobs[12];
    job.set_number(12);
    job.set_source("acme");
    job.set_state(v1::JOB_RUNNING);
    v1::SourceStatus* source = holder->status.add_sources();
    source->set_name("acme");
    source->mutable_budget()->set_granted_last_minute(60);
    // The job ends at the third look, unless a test says otherwise.
    holder->on_get_job = [this] {
      if (++looks == 3) Finish();
    };
  }
  v1::Job& job() { return holder->jobs[12]; }
  v1::SourceStatus& source() { return *holder->status.mutable_sources(0); }
  void Finish() {
    job().set_state(v1::JOB_DONE);
    job().set_progress(1);
    job().set_pages(3);
    job().mutable_counts()->set_fetched(1200);
    job().mutable_counts()->set_inserted(1000);
    job().mutable_counts()->set_updated(200);
  }
  v1::Destination& AddDestination(uint64_t loaded_to) {
    source().set_last_change(1200);
    v1::Destination* destination = source().add_destinations();
    destination->set_name("db");
    destination->set_loaded(loaded_to);
    return *destination;
  }

  std::unique_ptr<FakeAdminService> holder;
  int looks = 0;
};

TEST_F(FollowJob, ShowsABarOnATerminal) {
  terminal.is_terminal = true;
  job().set_progress(0.58);
  ASSERT_EQ(Run({"jobs", "watch", "job-12"}), 0) << err.str();
  const std::string bar = "\racme  58 % [#################.............] 0 rows  60/min";
  EXPECT_EQ(out.str(), bar + std::string(80 - bar.size(), ' ') + bar + std::string(80 - bar.size(), ' ') +
                           "\njob-12 is done: 1,200 records read, 1,000 new, 200 changed, 3 pages.\n");
}

TEST_F(FollowJob, ShowsALineEveryHalfMinuteElsewhere) {
  holder->on_get_job = [this] {
    if (++looks == 62) Finish();
  };
  ASSERT_EQ(Run({"jobs", "watch", "12"}), 0) << err.str();
  EXPECT_EQ(out.str(),
            "2026-03-31T06:02:11Z acme 0 %, 0 rows, 0 requests, 60/min\n"
            "2026-03-31T06:02:41Z acme 0 %, 0 rows, 0 requests, 60/min\n"
            "2026-03-31T06:03:11Z acme 0 %, 0 rows, 0 requests, 60/min\n"
            "job-12 is done: 1,200 records read, 1,000 new, 200 changed, 3 pages.\n");
}

TEST_F(FollowJob, WaitSaysOnlyHowItEnded) {
  ASSERT_EQ(Run({"jobs", "wait", "job-12"}), 0) << err.str();
  EXPECT_EQ(out.str(), "job-12 is done: 1,200 records read, 1,000 new, 200 changed, 3 pages.\n");
}

TEST_F(FollowJob, InJsonEveryChangeIsALine) {
  ASSERT_EQ(Run({"jobs", "watch", "job-12", "--output", "json"}), 0);
  const std::vector<std::string> lines = absl::StrSplit(out.str(), '\n');
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_THAT(lines[0], HasSubstr("\"state\":\"running\""));
  EXPECT_THAT(lines[1], HasSubstr("\"state\":\"done\""));
}

TEST_F(FollowJob, NamesParkedWindowsAndQuarantinedRecords) {
  Finish();
  job().set_parked_windows(1);
  job().mutable_counts()->set_quarantined(2);
  v1::Window& window = holder->windows[1043];
  window.set_number(1043);
  window.set_job(12);
  window.set_endpoint(v1::PLUGIN_CALLS);
  window.set_state(v1::WINDOW_PARKED);
  window.set_reason("the body is not JSON three times in a row");
  *window.mutable_from() = Time("2026-03-18");
  *window.mutable_to() = Time("2026-03-19");
  EXPECT_EQ(Run({"jobs", "wait", "job-12"}), 1);
  EXPECT_EQ(out.str(),
            "job-12 is done: 1,200 records read, 1,000 new, 200 changed, 3 pages.\n"
            "1 window parked:\n"
            "  w-1043 plugin-calls 2026-03-18 to 2026-03-19: the body is not JSON three times\n"
            "    in a row\n"
            "To try them again:\n"
            "  penstock jobs retry job-12\n"
            "2 records quarantined:\n"
            "  penstock quarantine list\n");
  ExpectFits();
}

TEST_F(FollowJob, ACancelledJobIsNotComplete) {
  job().set_state(v1::JOB_CANCELLED);
  EXPECT_EQ(Run({"jobs", "wait", "job-12"}), 1);
  EXPECT_THAT(out.str(), HasSubstr("job-12 is cancelled"));
}

TEST_F(FollowJob, WaitsUntilEveryDestinationHoldsTheRows) {
  v1::Destination& destination = AddDestination(700);
  holder->on_get_job = [&] {
    if (++looks == 3) Finish();
    if (looks == 5) destination.set_loaded(1200);
    source().set_last_change(source().last_change() + (looks > 3 ? 50 : 0));  // of other jobs
  };
  EXPECT_EQ(Run({"jobs", "wait", "job-12"}), 0) << err.str();
  EXPECT_EQ(looks, 5);
}

TEST_F(FollowJob, RowsThatADestinationSetAsideNeedALookAndAreNamed) {
  Finish();
  v1::Destination& destination = AddDestination(1200);
  destination.set_set_aside(1);
  destination.add_set_aside_rows("users \"u7\": value too long");
  EXPECT_EQ(Run({"jobs", "watch", "job-12"}), 1) << err.str();
  EXPECT_THAT(out.str(), HasSubstr("db: 1 row refused and set aside"));
  EXPECT_THAT(out.str(), HasSubstr("SET ASIDE users \"u7\": value too long"));
  ExpectFits();
}

TEST_F(FollowJob, APausedDestinationIsNotWaitedForAndIsNamed) {
  v1::Destination& paused = AddDestination(700);
  paused.mutable_pause()->set_by("bob");
  *paused.mutable_pause()->mutable_since() = Time("2026-03-30T06:00:00Z");
  v1::Destination& other = *source().add_destinations();
  other.set_name("other");
  holder->on_get_job = [&] {
    if (++looks == 3) Finish();
    if (looks == 5) other.set_loaded(1200);
  };
  EXPECT_EQ(Run({"jobs", "wait", "job-12"}), 1) << err.str();
  EXPECT_EQ(looks, 5) << "the other one is";
  EXPECT_THAT(out.str(), HasSubstr("PAUSED db: paused by bob since 2026-03-30 06:00 UTC; 500 changes"));
  EXPECT_THAT(out.str(), HasSubstr("destinations resume db\n"));
  ExpectFits();
  source().mutable_destinations(0)->set_loaded(1200);
  EXPECT_EQ(Run({"jobs", "wait", "job-12"}), 0) << "it holds what the job brought";
}

TEST_F(FollowJob, ADestinationThatRefusesIsNamed) {
  v1::Destination& destination = AddDestination(700);
  destination.set_failure("table USERS has no unique key");
  destination.set_failure_kind(v1::LoadFailure::REFUSED);
  EXPECT_EQ(Run({"jobs", "wait", "job-12"}), 7);
  EXPECT_EQ(err.str(), "penstock: db lacks 500 changes: table USERS has no unique key\n");
  destination.set_failure_kind(v1::LoadFailure::LOCAL);
  EXPECT_EQ(Run({"jobs", "wait", "job-12"}), 6);
}

TEST_F(FollowJob, ADestinationThatIsDownIsWaitedForTwoMinutes) {
  v1::Destination& destination = AddDestination(700);
  destination.set_failure("connection refused");
  destination.set_failure_kind(v1::LoadFailure::UNREACHABLE);
  const absl::Time before = clock.Now().wall;
  EXPECT_EQ(Run({"jobs", "wait", "job-12"}), 4);
  EXPECT_GE(clock.Now().wall - before, absl::Minutes(2));
}

TEST_F(FollowJob, ABlockedSourceEndsTheWait) {
  source().set_blocked("401: the API key is refused; replace the key file");
  EXPECT_EQ(Run({"jobs", "wait", "job-12"}), 3);
  EXPECT_THAT(err.str(), HasSubstr("acme is blocked: 401"));
}

TEST_F(FollowJob, ABlockedEndpointEndsTheWaitOnlyWhenNothingElseIsLeft) {
  v1::BlockedEndpoint* blocked = source().add_blocked_endpoints();
  blocked->set_endpoint(v1::USERS);
  blocked->set_reason("403");
  for (uint64_t number : {1001, 1002}) {
    v1::Window& window = holder->windows[number];
    window.set_number(number);
    window.set_job(12);
    window.set_endpoint(number == 1001 ? v1::USERS : v1::INTERACTIONS);
    window.set_state(v1::WINDOW_PENDING);
  }
  holder->on_get_job = [this] {
    if (++looks == 4) holder->windows[1002].set_state(v1::WINDOW_DONE);
  };
  EXPECT_EQ(Run({"jobs", "wait", "job-12"}), 3);
  EXPECT_EQ(looks, 4);
  EXPECT_THAT(err.str(), HasSubstr("users of acme is blocked: 403"));
}

TEST_F(FollowJob, AnInterruptionEndsTheBarAndSaysHowToComeBack) {
  terminal.is_terminal = true;
  holder->on_get_job = [this] {
    if (++looks == 2) signal = 2;
  };
  EXPECT_EQ(Run({"jobs", "watch", "job-12"}), 130);
  EXPECT_THAT(out.str(), HasSubstr("\njob-12 goes on. To look again:\n  penstock jobs watch job-12\n"));
  signal = 15;
  EXPECT_EQ(Run({"jobs", "watch", "job-12"}), 143);
}

TEST_F(FollowJob, WhenTheHolderEndsTheStoreIsReadInstead) {
  AddJob(12, v1::JOB_DONE);
  admin.status.add_sources()->set_name("acme");
  // The process is gone when the socket is looked at again: so is its file.
  std::filesystem::rename(state + "/penstock.sock", state + "/moved.sock");
  std::filesystem::create_symlink(state + "/moved.sock", state + "/penstock.sock");
  holder->on_get_job = [this] {
    if (++looks < 2) return;
    holder->failure = grpc::Status(grpc::UNAVAILABLE, "stopping");
    std::filesystem::remove(state + "/penstock.sock");
  };
  EXPECT_EQ(Run({"jobs", "wait", "job-12"}), 0) << err.str();
  EXPECT_THAT(out.str(), HasSubstr("job-12 is done"));
}

TEST_F(FollowJob, AHolderThatStaysSilentIsWaitedForTwoMinutes) {
  holder->on_get_job = [this] {
    if (++looks == 2) holder->failure = grpc::Status(grpc::UNAVAILABLE, "starting");
  };
  const absl::Time before = clock.Now().wall;
  EXPECT_EQ(Run({"jobs", "wait", "job-12"}), 4);
  EXPECT_GE(clock.Now().wall - before, absl::Minutes(2));
}

TEST_F(FollowJob, AnUnfinishedJobThatNobodyWorksOnIsAnError) {
  holder.reset();
  AddJob(12, v1::JOB_RUNNING);
  EXPECT_EQ(Run({"jobs", "wait", "job-12"}), 4);
  EXPECT_THAT(err.str(), HasSubstr("no coordinator runs on"));
}

TEST_F(FollowJob, AJobThatDoesNotExistIsNamed) {
  EXPECT_EQ(Run({"jobs", "wait", "job-99"}), 2);
  EXPECT_EQ(err.str(), "penstock: there is no job-99\n");
  EXPECT_EQ(Run({"jobs", "wait", "x"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("'x' is not a name of the form job-12"));
}

TEST_F(FollowJob, BackfillCreateCanStay) {
  holder->on_get_job = [this] {
    if (++looks == 2) holder->jobs[13].set_state(v1::JOB_DONE);
  };
  EXPECT_EQ(Run({"backfill", "create", "--wait"}), 0) << err.str();
  EXPECT_THAT(out.str(), HasSubstr("job-13 is done"));
}

}  // namespace
}  // namespace penstock::cli
