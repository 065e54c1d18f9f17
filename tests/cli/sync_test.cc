// SPDX-License-Identifier: Apache-2.0
#include "base/instant.h"
#include "proto/convert.h"
#include "tests/cli/cli_fixture.h"

namespace penstock::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class SyncCommand : public CliTest {
 protected:
  SyncCommand() {
    v1::SyncOverview& sync = admin.sync;
    sync.set_source("acme");
    sync.set_schedule("0 7 * * *");
    sync.set_time_zone("Europe/Berlin");
    *sync.mutable_next() = ToProto(*ParseStamp("2026-03-21T06:00:00Z"));
    v1::EndpointSyncState& calls = *sync.add_endpoints();
    calls.set_endpoint(v1::PLUGIN_CALLS);
    *calls.mutable_watermark() = ToProto(*ParseStamp("2026-03-19T06:02:51.061Z"));
    *calls.mutable_finished() = ToProto(*ParseStamp("2026-03-20T06:00:09Z"));
    calls.set_job(88);
    v1::EndpointSyncState& users = *sync.add_endpoints();
    users.set_endpoint(v1::USERS);
    users.set_left_out("backfill job-3 is under way and reads the same");
  }
};

TEST_F(SyncCommand, NowBeginsASyncAndSaysHowToWatchIt) {
  EXPECT_EQ(Run({"sync", "now"}), 0);
  EXPECT_THAT(admin.requests, ElementsAre(HasSubstr("CreateSync")));
  EXPECT_THAT(out.str(), HasSubstr("what is new of"));
  EXPECT_THAT(out.str(), HasSubstr("jobs watch job-"));
  ExpectFits();
}

TEST_F(SyncCommand, NowSaysWhyNothingBegins) {
  admin.failure =
      grpc::Status(grpc::StatusCode::FAILED_PRECONDITION, "there is nothing to sync now: users: X");
  EXPECT_NE(Run({"sync", "now"}), 0);
  EXPECT_THAT(err.str(), HasSubstr("nothing to sync now"));
}

TEST_F(SyncCommand, StatusShowsTheNextMomentAndHowFarEachEndpointIs) {
  EXPECT_EQ(Run({"sync", "status"}), 0);
  EXPECT_THAT(out.str(), HasSubstr("0 7 * * * Europe/Berlin, next at 2026-03-21 06:00 UTC"));
  EXPECT_THAT(out.str(), HasSubstr("2026-03-19T06:02:51.061Z"));
  EXPECT_THAT(out.str(), HasSubstr("job-88"));
  EXPECT_THAT(out.str(), HasSubstr("never"));
  EXPECT_THAT(out.str(), HasSubstr("users takes no part now: backfill job-3"));
  EXPECT_THAT(out.str(), HasSubstr("sync now"));
  ExpectFits();
}

TEST_F(SyncCommand, StatusNamesTheRoundThatIsUnderWay) {
  admin.sync.mutable_open()->set_number(89);
  admin.sync.mutable_open()->set_state(v1::JOB_RUNNING);
  EXPECT_EQ(Run({"sync", "status"}), 0);
  EXPECT_THAT(out.str(), HasSubstr("job-89 is running"));
  EXPECT_THAT(out.str(), HasSubstr("jobs watch job-89"));
}

TEST_F(SyncCommand, WithoutAScheduleItSaysSo) {
  admin.sync.clear_schedule();
  EXPECT_EQ(Run({"sync", "status"}), 0);
  EXPECT_THAT(out.str(), HasSubstr("only when somebody asks"));
}

TEST_F(SyncCommand, StatusAsJsonHasJobsByName) {
  EXPECT_EQ(Run({"--output", "json", "sync", "status"}), 0);
  EXPECT_THAT(out.str(), HasSubstr(R"("schedule":"0 7 * * *")"));
  EXPECT_THAT(out.str(), HasSubstr(R"("job":"job-88")"));
  EXPECT_THAT(out.str(), HasSubstr(R"("watermark":"2026-03-19T06:02:51.061Z")"));
}

}  // namespace
}  // namespace penstock::cli
