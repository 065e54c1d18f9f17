// SPDX-License-Identifier: Apache-2.0
// The commands that only show something: windows, status, quarantine, budget, workers, destinations, config.
#include <fstream>

#include "tests/cli/cli_fixture.h"

namespace penstock::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Inspect : public CliTest {};

TEST_F(Inspect, WindowsAreListedAndTheParkedOneIsAskedAbout) {
  AddWindow(1042, 12, v1::USERS, v1::WINDOW_DONE).mutable_counts()->set_fetched(1500);
  AddWindow(1043, 12, v1::PLUGIN_RESOURCES, v1::WINDOW_PARKED);
  ASSERT_EQ(Run({"windows", "list", "--job", "job-12"}), 0) << err.str();
  EXPECT_EQ(out.str(),
            "WINDOW  JOB     STATE   ENDPOINT           ROWS  RANGE\n"
            "w-1042  job-12  done    users             1,500  2026-03-18 to 2026-03-19\n"
            "w-1043  job-12  parked  plugin-resources      0  2026-03-18 to 2026-03-19\n"
            "penstock windows why w-1043\n");
  ExpectFits();
  ASSERT_EQ(Run({"windows", "list", "--only", "parked,leased"}), 0);
  EXPECT_THAT(out.str(), Not(HasSubstr("w-1042")));
  ASSERT_EQ(Run({"windows", "list", "--only", "cancelled"}), 0);
  EXPECT_EQ(out.str(), "No such window.\n");
}

TEST_F(Inspect, WindowsListNamesAWrongWord) {
  EXPECT_EQ(Run({"windows", "list", "--only", "parkd"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("unknown state 'parkd'; did you mean 'parked'?"));
  EXPECT_EQ(Run({"windows", "list", "--job", "w-12"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("'w-12' is not a name of the form job-12"));
}

TEST_F(Inspect, WindowsShowAndRetry) {
  v1::Window& window = AddWindow(1043, 12, v1::PLUGIN_RESOURCES, v1::WINDOW_PARKED);
  window.set_reason("the body is not JSON");
  window.set_chain(2);
  window.set_pages(7);
  ASSERT_EQ(Run({"windows", "show", "w-1043"}), 0) << err.str();
  EXPECT_EQ(out.str(),
            "w-1043: plugin-resources 2026-03-18 to 2026-03-19, job-12, parked\n"
            "axis     created_time\n"
            "pages    7, chain 2\n"
            "records  0 read: 0 new, 0 changed, 0 known already, 0 quarantined\n"
            "parked   the body is not JSON\n"
            "penstock windows retry w-1043\n");
  ASSERT_EQ(Run({"windows", "retry", "w-1043"}), 0);
  EXPECT_THAT(out.str(), HasSubstr(", pending\n"));
}

TEST_F(Inspect, WindowsWhyIsThatOfTheDesign) {
  AddWindow(1043, 12, v1::PLUGIN_RESOURCES, v1::WINDOW_PENDING);
  admin.why = "waiting for budget, 14 ahead, 13 s; job-88 first, backfill keeps 12/min";
  admin.next_step = "penstock budget show";
  ASSERT_EQ(Run({"windows", "why", "w-1043"}), 0) << err.str();
  EXPECT_EQ(out.str(),
            "plugin-resources 2026-03-18 to 2026-03-19, job-12, pending\n"
            "waiting for budget, 14 ahead, 13 s; job-88 first, backfill keeps 12/min\n"
            "penstock budget show\n");
}

TEST_F(Inspect, StatusShowsWhatRunsAndWhatIsBlocked) {
  admin.status.set_version("0.1.0");
  admin.status.set_store_id("0123456789abcdef");
  v1::SourceStatus* source = admin.status.add_sources();
  source->set_name("acme");
  source->set_url("https://api.moveworks.ai/export/v1/records");
  source->set_rows(1'021'500);
  source->set_workers(1);
  source->mutable_budget()->set_used(12);
  source->mutable_budget()->set_current_limit(60);
  v1::BlockedEndpoint* blocked = source->add_blocked_endpoints();
  blocked->set_endpoint(v1::USERS);
  blocked->set_reason("403: the key may not read users; widen its scope, then penstock jobs retry job-12");
  v1::Job* job = source->add_running_jobs();
  job->set_number(12);
  job->set_state(v1::JOB_RUNNING);
  job->set_progress(0.58);
  v1::Destination* destination = source->add_destinations();
  destination->set_name("db");
  destination->set_behind(1200);
  destination->set_set_aside(2);
  ASSERT_EQ(Run({"status"}), 0) << err.str();
  const std::string text = out.str();
  EXPECT_EQ(text.substr(text.find("\nacme") + 1),
            "acme: https://api.moveworks.ai/export/v1/records\n"
            "  BLOCKED       users: 403: the key may not read users; widen its scope, then\n"
            "                penstock jobs retry job-12\n"
            "  rows          1,021,500, 0 quarantined\n"
            "  budget        12 of 60 in use, 0 granted in the last minute, 0 waiting\n"
            "  workers       1\n"
            "  job           job-12 running, 58 %\n"
            "  destination   db: 1,200 behind, 2 rows set aside\n"
            "penstock jobs watch job-12\n");
}

TEST_F(Inspect, StatusWithoutACoordinatorCallsNoJobRunning) {
  admin.status.set_read_only(true);
  v1::SourceStatus* source = admin.status.add_sources();
  source->set_name("acme");
  v1::Job* job = source->add_running_jobs();
  job->set_number(12);
  job->set_state(v1::JOB_RUNNING);
  job->set_progress(0.58);
  ASSERT_EQ(Run({"status"}), 0) << err.str();
  EXPECT_THAT(out.str(), HasSubstr("open for reading only"));
  EXPECT_THAT(out.str(), HasSubstr("job-12 not finished, 58 %\n"));
  EXPECT_THAT(out.str(),
              HasSubstr("The same `penstock run`, or a coordinator on this state, goes on with it."));
  EXPECT_THAT(out.str(), Not(HasSubstr("watch")));
  ExpectFits();
}

TEST_F(Inspect, StatusCheckAnswersTheWorstByExitCode) {
  v1::SourceStatus* source = admin.status.add_sources();
  EXPECT_EQ(Run({"status", "--check"}), 0);
  source->set_quarantined(1);
  EXPECT_EQ(Run({"status", "--check"}), 1);
  source->set_trouble("connection refused");
  EXPECT_EQ(Run({"status", "--check"}), 4);
  v1::Destination* destination = source->add_destinations();
  destination->set_failure("role");
  destination->set_failure_kind(v1::LoadFailure::REFUSED);
  EXPECT_EQ(Run({"status", "--check"}), 7);
  source->set_blocked("401");
  EXPECT_EQ(Run({"status", "--check"}), 3);
  destination->set_failure_kind(v1::LoadFailure::LOCAL);
  EXPECT_EQ(Run({"status", "--check"}), 6);
  EXPECT_EQ(Run({"status"}), 0);
}

TEST_F(Inspect, StatusOfAnEmptyStoreSaysHowToBegin) {
  EXPECT_EQ(Run({"status"}), 0);
  EXPECT_THAT(out.str(), HasSubstr("No source yet.\n  penstock run --help\n"));
}

TEST_F(Inspect, QuarantineShowsTheBytesWithoutTheirTeeth) {
  v1::QuarantineEntry* entry = admin.quarantine.add_entries();
  entry->set_name("9f86d081884c7d65");
  entry->set_endpoint(v1::USERS);
  entry->set_reason("the id is null");
  entry->set_raw("{\"id\":null,\"x\":\"\x1B[2J\"}");
  entry->set_window(1043);
  *entry->mutable_first_seen() = Time("2026-03-30T06:02:00Z");
  ASSERT_EQ(Run({"quarantine", "list"}), 0) << err.str();
  EXPECT_EQ(out.str(),
            "NAME              ENDPOINT  FIRST SEEN        REASON\n"
            "9f86d081884c7d65  users     2026-03-30 06:02  the id is null\n"
            "penstock quarantine show 9f86d081884c7d65\n");
  ASSERT_EQ(Run({"quarantine", "show", "9f86d081884c7d65"}), 0);
  EXPECT_EQ(out.str(),
            "users, first seen 2026-03-30 06:02 UTC by w-1043: the id is null\n"
            "{\"id\":null,\"x\":\" [2J\"}\n");
  EXPECT_EQ(Run({"quarantine", "show", "9f86d081884c7d66"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("did you mean '9f86d081884c7d65'?"));
}

TEST_F(Inspect, QuarantineThatIsEmptySaysSo) {
  EXPECT_EQ(Run({"quarantine", "list", "--endpoint", "users"}), 0);
  EXPECT_EQ(out.str(), "Nothing is quarantined.\n");
  EXPECT_EQ(admin.requests.back(), "ListQuarantine endpoint: USERS");
}

TEST_F(Inspect, BudgetSaysWhyItIsLow) {
  admin.budget.set_limit(60);
  admin.budget.set_current_limit(45);
  admin.budget.set_used(44);
  admin.budget.set_users_limit(30);
  admin.budget.set_users_used(3);
  admin.budget.set_permits(12'345);
  admin.budget.set_refusals(1);
  admin.budget.set_waiting(2);
  admin.budget.set_granted_last_minute(44);
  *admin.budget.mutable_paused_until() = ToProto(clock.Now().wall + absl::Seconds(30));
  ASSERT_EQ(Run({"budget", "show"}), 0) << err.str();
  EXPECT_EQ(out.str(),
            "limit     60 requests in any 60 s, now 45 after a 429\n"
            "in use    44, of these users 3 of 30\n"
            "granted   44 in the last minute, 12,345 ever\n"
            "waiting   2 requests\n"
            "refusals  1 429 ever\n"
            "paused    until 2026-03-31T06:02:41.000Z, 30 s from now\n");
}

TEST_F(Inspect, WorkersAreListedWithTheirWork) {
  v1::Worker* worker = admin.workers.add_workers();
  worker->set_id("0123456789abcdef");
  worker->set_version("0.1.0");
  worker->set_fetch_capacity(4);
  worker->set_load_capacity(1);
  worker->add_windows(1043);
  worker->add_loads("db");
  *worker->mutable_last_sync_ago() = ToProto(absl::Seconds(3));
  ASSERT_EQ(Run({"workers", "list"}), 0) << err.str();
  EXPECT_EQ(out.str(),
            "WORKER            VERSION  SEEN  FETCH  LOAD  QUERY  WORKS ON\n"
            "0123456789abcdef  0.1.0     3 s      4     1      0  w-1043, load db\n");
  admin.workers.Clear();
  ASSERT_EQ(Run({"workers", "list"}), 0);
  EXPECT_THAT(out.str(), HasSubstr("No worker.\nNo coordinator runs on "));
}

TEST_F(Inspect, DestinationsAreListedWithTheirTrouble) {
  v1::Destination* destination = admin.destinations.add_destinations();
  destination->set_name("db");
  destination->set_source("acme");
  destination->set_loaded(1'000);
  destination->set_behind(200);
  destination->set_rows(1'500);
  destination->set_irregular(3);
  destination->set_set_aside(1);
  destination->add_set_aside_rows("users \"u-1\": too long\x1b[2J");
  destination->set_failure("the file is locked by another process; close it");
  ASSERT_EQ(Run({"destinations", "list"}), 0) << err.str();
  EXPECT_EQ(out.str(),
            "DESTINATION  SOURCE  STATE   LOADED  BEHIND   ROWS\n"
            "db           acme    failed   1,000     200  1,500\n"
            "db: 3 fields did not fit a column: NULL there, whole in the store.\n"
            "db: 1 row refused and set aside (PENSTOCK_SET_ASIDE there); whole in the store.\n"
            "SET ASIDE users \"u-1\": too long [2J\n"
            "db: the file is locked by another process; close it\n"
            "  penstock destinations test db\n");
}

TEST_F(Inspect, DestinationsTestOpensItFromHere) {
  EXPECT_EQ(RunBare({"destinations", "test", "sqlite:a.db"}), 0) << err.str();
  EXPECT_EQ(tested, std::vector<std::string>{"a.db"});
  EXPECT_EQ(out.str(), "sqlite:a.db: can be reached and written.\n");
  destination_status = absl::NotFoundError("the folder does not exist");
  EXPECT_EQ(RunBare({"destinations", "test", "sqlite:a.db"}), 7);
  destination_status = absl::UnavailableError("locked");
  EXPECT_EQ(RunBare({"destinations", "test", "sqlite:a.db"}), 4);
  EXPECT_EQ(RunBare({"destinations", "test", "oracle:x"}), 2);
}

TEST_F(Inspect, ConfigExampleIsWhatConfigCheckAccepts) {
  ASSERT_EQ(RunBare({"config", "example"}), 0);
  const std::string file = state + "/p.yaml";
  std::ofstream(file) << out.str();
  ASSERT_EQ(RunBare({"config", "check", file}), 0) << err.str();
  EXPECT_THAT(out.str(), HasSubstr("is valid: 1 source (acme), 1 destination"));
  EXPECT_EQ(RunBare({"--config", file, "config", "check", "--output", "json"}), 0);
  EXPECT_EQ(out.str(), absl::StrCat("{\"file\":\"", file,
                                    "\",\"sources\":[\"acme\"],\"destinations\":[\"warehouse\"]}\n"));
}

TEST_F(Inspect, ConfigCheckKnowsTheTablesColumns) {
  const std::string file = state + "/p.yaml";
  std::ofstream(file) << ExampleConfig();
  config_status = absl::InvalidArgumentError("p.yaml:31: key 'drop' names users.EMAIL");
  EXPECT_EQ(RunBare({"config", "check", file}), 2);
  EXPECT_THAT(err.str(), HasSubstr("p.yaml:31: key 'drop' names users.EMAIL"));
}

TEST_F(Inspect, ConfigCheckNamesFileAndLine) {
  const std::string file = state + "/p.yaml";
  std::ofstream(file) << "version: 1\nsurces: {}\n";
  EXPECT_EQ(RunBare({"config", "check", file}), 2);
  EXPECT_EQ(err.str(),
            absl::StrCat("penstock: ", file,
                         ":2: key 'surces' is not known in 'the file'; did you mean 'sources'?\n"));
  EXPECT_EQ(RunBare({"config", "check"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("name the file"));
}

}  // namespace
}  // namespace penstock::cli
