// SPDX-License-Identifier: Apache-2.0
// kill -9 at random instants. Afterwards every row is there once, and the source was asked for no more than the
// answers that are stored and one for each kill. PENSTOCK_CRASH_ROUNDS=200 is the long form: ./dev crash
#include <signal.h>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "tests/crash/crash_fixture.h"

namespace penstock {
namespace {

constexpr uint64_t kSeed = 20260331;

// So that the long form fills the limiter's minute and the short one ends in seconds.
std::string PerMinute() { return IsLongForm() ? "600" : "2400"; }

class Kill : public CrashTest {
 protected:
  Kill() : random_(kSeed) { RecordProperty("seed", absl::StrCat(kSeed)); }

  absl::Duration RandomDelay(absl::Duration most) { return most * random_.Fraction(); }
  // Requests that no stored answer explains: at most one per worker that was killed.
  void ExpectNoRequestWasted(const std::vector<std::string>& where, int killed) {
    const Seen seen = Report();
    const Jobs jobs = ListJobs(where);
    EXPECT_GE(seen.requests, jobs.requests);
    EXPECT_LE(seen.requests, jobs.requests + killed);
    EXPECT_EQ(seen.limited, 0u);
    EXPECT_LE(seen.most_in_60s, std::stoul(PerMinute()));
  }

  SeededRandom random_;
};

TEST_F(Kill, RunGoesOnWhereItWasKilled) {
  SCOPED_TRACE(absl::StrCat("seed ", kSeed));
  StartSandbox({"--rpm", PerMinute()});
  // One window at a time: then a kill costs at most one page.
  const std::vector<std::string> command = RunCommand({"--rpm", PerMinute(), "--workers", "1"});
  int killed = 0;
  for (int round = 0; round < CrashRounds(8); ++round) {
    const auto run = Start(command, "run.out");
    const std::optional<int> ended = run->Wait(RandomDelay(absl::Milliseconds(1500)));
    if (ended.has_value()) {
      ASSERT_EQ(*ended, 0) << Output("run.out");
      continue;
    }
    run->Signal(SIGKILL);
    ASSERT_EQ(run->Wait(absl::Seconds(10)), 128 + SIGKILL);
    ++killed;
  }
  EXPECT_GT(killed, CrashRounds(8) / 2);
  const auto last = Start(command, "run.out");
  ASSERT_EQ(last->Wait(absl::Minutes(5)), 0) << Output("run.out");
  const std::vector<std::string> where = {"--state", state()};
  ExpectExact(where);
  ExpectNoRequestWasted(where, killed);
  ExpectNoSecretAnywhere();
}

class KillDaemons : public Kill {
 protected:
  void SetUp() override {
    StartSandbox({"--rpm", PerMinute()});
    address_ = absl::StrCat("127.0.0.1:", FreePort());
    WriteFile("penstock.yaml",
              absl::StrCat("version: 1\nstate: ", state(), "\nsources:\n  acme:\n    url: ", source_url(),
                           "\n    auth: {type: api_key, api_key_file: ", key_file(),
                           "}\n    budget: {per_minute: ", PerMinute(),
                           "}\ndestinations:\n  warehouse: {type: sqlite, path: ", warehouse(),
                           ", source: acme}\n"));
  }
  std::unique_ptr<ChildProcess> StartCoordinator() {
    return Start({"penstock-coordinator", "--config", File("penstock.yaml"), "--listen", address_},
                 "coordinator.out");
  }
  std::unique_ptr<ChildProcess> StartWorker() {
    return Start(
        {"penstock-worker", "--config", File("penstock.yaml"), "--coordinator", address_, "--fetch", "1"},
        "worker.out");
  }
  Ended Ask(std::vector<std::string> words) {
    words.insert(words.begin(), "penstock");
    words.insert(words.end(), {"--coordinator", address_});
    return Run(std::move(words));
  }
  void AwaitCoordinator() {
    ASSERT_TRUE(Await([&] { return Ask({"status"}).code == 0; })) << Output("coordinator.out");
  }
  // So that there is always something to interrupt, in the long form too.
  void BackfillUnlessOneRuns() {
    if (ListJobs({"--coordinator", address_}).running > 0) return;
    ASSERT_EQ(Ask({"backfill", "create"}).code, 0);
  }
  void AwaitTheEnd() {
    const std::string job = absl::StrCat("job-", ListJobs({"--coordinator", address_}).count);
    Ended waited = Ask({"jobs", "wait", job});
    if (waited.code == 1) {  // a window that lost three workers in a row is parked, as it should be
      ASSERT_EQ(Ask({"jobs", "retry", job}).code, 0);
      waited = Ask({"jobs", "wait", job});
    }
    ASSERT_EQ(waited.code, 0) << waited.output << Output("worker.out");
    ASSERT_TRUE(Await([&] {
      const std::string list = Ask({"destinations", "list", "--output", "json"}).output;
      return list.find("\"behind\":0") != std::string::npos &&
             list.find("\"checked\":true") != std::string::npos;
    })) << Output("worker.out");
  }

  std::string address_;
};

TEST_F(KillDaemons, TheCoordinatorComesBackAndItsWorkersGoOn) {
  SCOPED_TRACE(absl::StrCat("seed ", kSeed));
  auto coordinator = StartCoordinator();
  AwaitCoordinator();
  BackfillUnlessOneRuns();
  const auto worker = StartWorker();
  for (int round = 0; round < CrashRounds(3); ++round) {
    ASSERT_FALSE(coordinator->Wait(absl::Milliseconds(200) + RandomDelay(absl::Seconds(1))).has_value())
        << Output("coordinator.out");
    coordinator->Signal(SIGKILL);
    ASSERT_EQ(coordinator->Wait(absl::Seconds(10)), 128 + SIGKILL);
    coordinator = StartCoordinator();
    AwaitCoordinator();
    BackfillUnlessOneRuns();
  }
  AwaitTheEnd();
  ExpectExact({"--coordinator", address_});
  ExpectNoRequestWasted({"--coordinator", address_}, 0);
  ExpectNoSecretAnywhere();
  coordinator->Signal(SIGTERM);
  EXPECT_EQ(coordinator->Wait(absl::Seconds(10)), 0) << Output("coordinator.out");
}

TEST_F(KillDaemons, AWorkersWindowsPassToTheOthers) {
  SCOPED_TRACE(absl::StrCat("seed ", kSeed));
  const auto coordinator = StartCoordinator();
  AwaitCoordinator();
  const auto other = StartWorker();
  int killed = 0;
  for (int round = 0; round < CrashRounds(2); ++round) {
    BackfillUnlessOneRuns();
    const auto victim = StartWorker();
    ASSERT_FALSE(victim->Wait(absl::Milliseconds(100) + RandomDelay(absl::Milliseconds(900))).has_value());
    victim->Signal(SIGKILL);
    ASSERT_EQ(victim->Wait(absl::Seconds(10)), 128 + SIGKILL);
    ++killed;
  }
  AwaitTheEnd();
  ExpectExact({"--coordinator", address_});
  ExpectNoRequestWasted({"--coordinator", address_}, killed);
  ExpectNoSecretAnywhere();
  other->Signal(SIGTERM);
  EXPECT_EQ(other->Wait(absl::Seconds(10)), 0) << Output("worker.out");
}

// As an upgrade or a drained machine does it: one process after the other, each in whatever it is doing.
TEST_F(KillDaemons, ARestartOfOneAfterTheOtherLosesAndWastesNothing) {
  SCOPED_TRACE(absl::StrCat("seed ", kSeed));
  auto coordinator = StartCoordinator();
  AwaitCoordinator();
  auto one = StartWorker();
  auto other = StartWorker();
  const auto restart = [&](std::unique_ptr<ChildProcess>& process, auto start) {
    ASSERT_FALSE(process->Wait(RandomDelay(absl::Milliseconds(700))).has_value()) << Output("worker.out");
    process->Signal(SIGTERM);
    ASSERT_EQ(process->Wait(absl::Seconds(10)), 0) << Output("worker.out") << Output("coordinator.out");
    process = start();
  };
  for (int round = 0; round < CrashRounds(3); ++round) {
    BackfillUnlessOneRuns();
    restart(one, [&] { return StartWorker(); });
    restart(coordinator, [&] { return StartCoordinator(); });
    AwaitCoordinator();
    restart(other, [&] { return StartWorker(); });
  }
  AwaitTheEnd();
  ExpectExact({"--coordinator", address_});
  ExpectNoRequestWasted({"--coordinator", address_}, 0);
  ExpectNoSecretAnywhere();
}

}  // namespace
}  // namespace penstock
