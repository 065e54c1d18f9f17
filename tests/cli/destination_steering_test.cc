// SPDX-License-Identifier: Apache-2.0
// penstock destinations show, why, pause and resume, and who says that one is paused.
#include <fstream>

#include "tests/cli/cli_fixture.h"

namespace penstock::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

// A process that holds the state answers.
class Steering : public CliTest {
 protected:
  Steering() {
    v1::Destination& destination = *service_.destinations.add_destinations();
    destination.set_name("pg");
    destination.set_source("acme");
    destination.set_loaded(1'000);
    destination.set_behind(200);
    destination.set_rows(1'500);
    variables["USER"] = "alice";
  }
  int RunServed(std::vector<std::string> words) {
    words.insert(words.begin(), {"--coordinator", absl::StrCat("127.0.0.1:", service_.port)});
    return RunBare(std::move(words));
  }
  v1::Destination& pg() { return *service_.destinations.mutable_destinations(0); }
  void Paused() {
    pg().mutable_pause()->set_by("bob");
    pg().mutable_pause()->set_reason("the server moves");
    *pg().mutable_pause()->mutable_since() = Time("2026-03-30T06:00:00Z");
  }
  FakeAdminService service_{"127.0.0.1:0"};
};

TEST_F(Steering, PauseSaysWhoAndHowItGoesOn) {
  EXPECT_EQ(RunServed({"destinations", "pause", "pg", "--reason", "the server moves"}), 0) << err.str();
  EXPECT_THAT(service_.requests, ElementsAre("PauseDestination name: \"pg\" reason: \"the server moves\" "
                                             "requested_by: \"alice\""));
  EXPECT_THAT(out.str(),
              HasSubstr("pg is paused by alice since 2026-03-30 06:00 UTC: the server moves. The"));
  EXPECT_THAT(out.str(), HasSubstr("destinations resume pg\n"));
  ExpectFits();
  EXPECT_EQ(RunServed({"destinations", "pause", "elsewhere"}), 2);
}

TEST_F(Steering, ResumeSaysHowFarItIs) {
  Paused();
  EXPECT_EQ(RunServed({"destinations", "resume", "pg"}), 0) << err.str();
  EXPECT_THAT(out.str(), HasSubstr("it is 200 changes behind."));
  EXPECT_FALSE(pg().has_pause());
}

TEST_F(Steering, WhereNoProcessHoldsTheStateThisOneRemembersItAndLoadsNothing) {
  v1::Destination& mine = *admin.destinations.add_destinations();
  mine.set_name("sqlite:a.db");
  EXPECT_EQ(Run({"destinations", "pause", "sqlite:a.db"}), 0) << err.str();
  EXPECT_TRUE(mine.has_pause());
  EXPECT_EQ(Run({"destinations", "resume", "sqlite:a.db"}), 0) << err.str();
  EXPECT_FALSE(mine.has_pause());
  ASSERT_THAT(hosted, SizeIs(2));
  EXPECT_EQ(hosted[0].first, Loads::kNo);
  EXPECT_EQ(hosted[1].first, Loads::kNo);
}

TEST_F(Steering, WhyIsTheCoordinatorsAnswerAndTheNextCommand) {
  service_.why = "parked since 2026-03-30 06:00 UTC: wrong password; tried again in 23 s";
  service_.next_step = "destinations test pg";
  EXPECT_EQ(RunServed({"destinations", "why", "pg"}), 0) << err.str();
  EXPECT_EQ(out.str(),
            absl::StrCat("parked since 2026-03-30 06:00 UTC: wrong password; tried again in 23 s\n",
                         "penstock --coordinator 127.0.0.1:", service_.port, " destinations test pg\n"));
  EXPECT_EQ(RunServed({"destinations", "why", "pg", "--output", "json"}), 0);
  EXPECT_THAT(out.str(), HasSubstr("\"why\":\"parked since"));
}

TEST_F(Steering, ShowSaysEverythingOfOne) {
  service_.why = "worker w loads it, 200 changes behind";
  pg().set_irregular(3);
  *pg().mutable_interval() = ToProto(absl::Minutes(10));
  *pg().mutable_last_report() = Time("2026-03-30T06:00:00Z");
  EXPECT_EQ(RunServed({"destinations", "show", "pg"}), 0) << err.str();
  EXPECT_EQ(out.str(),
            "pg\n"
            "source    acme\n"
            "loaded    up to change 1,000, 200 behind\n"
            "rows      1,500 sent ever, 3 fields fitted no column\n"
            "interval  10 min while a job runs\n"
            "told      2026-03-30 06:00 UTC\n"
            "now       worker w loads it, 200 changes behind\n");
  EXPECT_EQ(RunServed({"destinations", "show", "pg", "--output", "json"}), 0);
  EXPECT_THAT(out.str(), HasSubstr("\"pause\":null"));
}

TEST_F(Steering, ListAndStatusAndDoctorNameAPausedOne) {
  Paused();
  EXPECT_EQ(RunServed({"destinations", "list"}), 0);
  EXPECT_THAT(out.str(), HasSubstr("paused   "));
  EXPECT_THAT(out.str(), HasSubstr("pg: paused by bob since 2026-03-30 06:00 UTC: the server moves\n"));
  EXPECT_THAT(out.str(), HasSubstr("destinations resume pg\n"));
  ExpectFits();

  v1::SourceStatus& source = *service_.status.add_sources();
  *source.add_destinations() = pg();
  EXPECT_EQ(RunServed({"status"}), 0);
  EXPECT_THAT(out.str(), HasSubstr("pg: 200 behind, paused by bob since"));
  EXPECT_EQ(RunServed({"status", "--check"}), 1);

  EXPECT_EQ(RunServed({"doctor"}), 1);
  EXPECT_THAT(out.str(), HasSubstr("FAIL  loads of pg: paused by bob since 2026-03-30 06:00 UTC"));
  pg().clear_pause();
  EXPECT_EQ(RunServed({"doctor"}), 0);
  EXPECT_THAT(out.str(), Not(HasSubstr("loads of pg")));
}

TEST_F(Steering, AResyncDoesNotWaitForAPausedOne) {
  Paused();
  EXPECT_EQ(RunServed({"destinations", "resync", "pg"}), 0);
  EXPECT_THAT(out.str(), HasSubstr("once it is resumed"));
  EXPECT_EQ(RunServed({"destinations", "resync", "pg", "--wait"}), 1) << err.str();
  EXPECT_THAT(out.str(), HasSubstr("PAUSED pg: paused by bob"));
}

}  // namespace
}  // namespace penstock::cli
