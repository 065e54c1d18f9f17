// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/cli_fixture.h"

namespace penstock::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Jobs : public CliTest {
 protected:
  void AddTypical() {
    v1::Job& job = AddJob(12, v1::JOB_RUNNING);
    *job.mutable_from() = Time("2026-03-01");
    *job.mutable_to() = Time("2026-03-08");
    job.set_windows(40);
    job.set_done_windows(23);
    job.set_running_windows(4);
    job.set_parked_windows(1);
    job.set_pages(2043);
    job.set_progress(0.58);
    *job.mutable_time_left() = ToProto(absl::Minutes(25));
    job.mutable_counts()->set_fetched(1'021'500);
    job.mutable_counts()->set_inserted(1'021'000);
    job.mutable_counts()->set_updated(300);
    job.mutable_counts()->set_identical(150);
    job.mutable_counts()->set_older(50);
  }
};

TEST_F(Jobs, ListIsOneLineEach) {
  AddTypical();
  AddJob(13, v1::JOB_PAUSED);
  ASSERT_EQ(Run({"jobs", "list"}), 0) << err.str();
  EXPECT_EQ(out.str(),
            "JOB     SOURCE  STATE              DONE       ROWS  RANGE\n"
            "job-12  acme    running, 1 parked  58 %  1,021,500  2026-03-01 to 2026-03-08\n"
            "job-13  acme    paused              0 %          0  everything\n");
  ExpectFits();
}

TEST_F(Jobs, ShowHasTheCountsAndTheNextCommand) {
  AddTypical();
  ASSERT_EQ(Run({"jobs", "show", "job-12"}), 0) << err.str();
  EXPECT_EQ(out.str(),
            "job-12, backfill of acme, running\n"
            "range     2026-03-01 to 2026-03-08, all endpoints\n"
            "time      created 2026-03-30 06:02 UTC\n"
            "progress  58 %, left 25 min\n"
            "windows   40: 23 done, 4 running, 1 parked\n"
            "records   1,021,500 read in 2,043 pages: 1,021,000 new, 300 changed, 200 known\n"
            "          already, 0 quarantined\n"
            "penstock windows list --job job-12 --only parked\n");
  ExpectFits();
}

TEST_F(Jobs, ShowInJsonIsTheJob) {
  AddTypical();
  ASSERT_EQ(Run({"jobs", "show", "12", "--output", "json"}), 0);
  EXPECT_THAT(out.str(), HasSubstr("{\"number\":\"job-12\",\"source\":\"acme\""));
}

TEST_F(Jobs, PauseResumeAndRetrySayTheNewState) {
  AddTypical();
  ASSERT_EQ(Run({"jobs", "pause", "job-12"}), 0) << err.str();
  EXPECT_THAT(out.str(), HasSubstr("job-12, backfill of acme, paused\n"));
  EXPECT_THAT(out.str(), HasSubstr("\npenstock jobs resume job-12\n"));
  ASSERT_EQ(Run({"jobs", "resume", "job-12"}), 0);
  EXPECT_THAT(out.str(), HasSubstr(", running\n"));
  ASSERT_EQ(Run({"jobs", "retry", "job-12"}), 0);
  EXPECT_THAT(out.str(), HasSubstr("0 parked"));
  EXPECT_EQ(admin.requests.back(), "ControlJob number: 12 action: RETRY");
}

TEST_F(Jobs, ReprioritiseSaysThePriorityAndRefusesAnAbsurdOne) {
  AddTypical();
  ASSERT_EQ(Run({"jobs", "reprioritise", "job-12", "--priority", "10"}), 0) << err.str();
  EXPECT_THAT(out.str(), HasSubstr(", priority 10\n"));
  EXPECT_EQ(Run({"jobs", "reprioritise", "job-12", "--priority", "101"}), 2);
  EXPECT_EQ(Run({"jobs", "reprioritise", "job-12"}), 2);
}

TEST_F(Jobs, CancelNeedsAYesInAScript) {
  AddTypical();
  EXPECT_EQ(Run({"jobs", "cancel", "job-12"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("add --yes"));
  EXPECT_EQ(admin.jobs[12].state(), v1::JOB_RUNNING);
  EXPECT_EQ(Run({"jobs", "cancel", "job-12", "--yes"}), 0);
  EXPECT_EQ(admin.jobs[12].state(), v1::JOB_CANCELLED);
}

TEST_F(Jobs, CancelAsksOnATerminal) {
  AddTypical();
  terminal.is_terminal = true;
  in.str("n\n");
  EXPECT_EQ(Run({"jobs", "cancel", "job-12"}), 0);
  EXPECT_THAT(out.str(), HasSubstr("17 unfinished windows"));
  EXPECT_THAT(out.str(), HasSubstr("Nothing was cancelled."));
  EXPECT_EQ(admin.jobs[12].state(), v1::JOB_RUNNING);
  in.clear();
  in.str("Y\n");
  EXPECT_EQ(Run({"jobs", "cancel", "job-12"}), 0);
  EXPECT_EQ(admin.jobs[12].state(), v1::JOB_CANCELLED);
}

TEST_F(Jobs, AStoreOpenForReadingRefusesChanges) {
  AddTypical();
  admin.failure = grpc::Status(grpc::FAILED_PRECONDITION, "the store is open for reading only");
  EXPECT_EQ(Run({"jobs", "pause", "job-12"}), 2);
  EXPECT_EQ(err.str(), "penstock: the store is open for reading only\n");
}

TEST_F(Jobs, BackfillCreatePassesTheRangeAndSaysTheNextCommand) {
  ASSERT_EQ(Run({"backfill", "create", "--from", "2026-03-05", "--to", "2026-03-07", "--endpoints",
                 "plugin-calls"}),
            0)
      << err.str();
  EXPECT_EQ(out.str(),
            "job-1 of acme: plugin-calls, 2026-03-05 to 2026-03-07.\n"
            "  penstock jobs watch job-1\n");
  EXPECT_THAT(admin.requests.back(), HasSubstr("endpoints: PLUGIN_CALLS from { seconds: 1772668800 }"));
}

TEST_F(Jobs, BackfillCreateWithoutARangeAsksForEverything) {
  variables["USER"] = "ada";
  ASSERT_EQ(Run({"backfill", "create", "--output", "json"}), 0);
  EXPECT_EQ(admin.requests.back(), "CreateBackfill requested_by: \"ada\"");
  EXPECT_THAT(out.str(), HasSubstr("\"number\":\"job-1\""));
  EXPECT_THAT(out.str(), Not(HasSubstr("penstock jobs")));
}

TEST_F(Jobs, BackfillCreateRefusesAWrongWordBeforeAsking) {
  EXPECT_EQ(Run({"backfill", "create", "--endpoints", "calls"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("'calls'"));
  EXPECT_TRUE(admin.requests.empty());
}

}  // namespace
}  // namespace penstock::cli
