// SPDX-License-Identifier: Apache-2.0
// An old copy of a whole state directory is sound in itself: only whoever has seen a later commit can tell. Workers
// have, and a coordinator that lacks it is refused.
#include <signal.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "tests/crash/crash_fixture.h"
#include "tests/fakes/status_matchers.h"
#include "worker/grpc_coordinator_client.h"

namespace penstock {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

namespace fs = std::filesystem;

class Copy : public CrashTest {
 protected:
  void SetUp() override {
    StartSandbox({"--rpm", "2400", "--ttfb", "50ms"});
    address_ = absl::StrCat("127.0.0.1:", FreePort());
    WriteFile("penstock.yaml",
              absl::StrCat("version: 1\nstate: ", state(), "\nsources:\n  acme:\n    url: ", source_url(),
                           "\n    auth: {type: api_key, api_key_file: ", key_file(),
                           "}\n    budget: {per_minute: 2400}\n"));
    coordinator_ = StartCoordinator(address_, state());
    ASSERT_TRUE(Await([&] { return Run({"penstock", "status", "--coordinator", address_}).code == 0; }));
    ASSERT_EQ(Run({"penstock", "backfill", "create", "--coordinator", address_}).code, 0);
    worker_ = Start({"penstock-worker", "--config", File("penstock.yaml"), "--coordinator", address_},
                    "worker.out");
    AwaitAnswers(3);
    // As a disk's snapshot takes it: in the middle of the work.
    KillCoordinator();
    fs::remove(state() + "/penstock.sock");  // a socket is no file to copy
    fs::copy(state(), copy(), fs::copy_options::recursive);
    coordinator_ = StartCoordinator(address_, state());
    AwaitAnswers(10);
  }

  std::unique_ptr<ChildProcess> StartCoordinator(const std::string& address, const std::string& directory) {
    return Start({"penstock-coordinator", "--config", File("penstock.yaml"), "--listen", address, "--state",
                  directory},
                 "coordinator.out");
  }
  void KillCoordinator() {
    coordinator_->Signal(SIGKILL);
    ASSERT_EQ(coordinator_->Wait(absl::Seconds(10)), 128 + SIGKILL);
  }
  void AwaitAnswers(uint64_t answers) {
    ASSERT_TRUE(Await([&] {
      const auto position = Sync(address_, v1::StorePosition());
      return position.ok() && ListJobs({"--coordinator", address_}).requests >= answers;
    })) << Output("coordinator.out");
  }
  // What a coordinator says to a worker that has seen this much.
  static absl::StatusOr<v1::StorePosition> Sync(const std::string& address, const v1::StorePosition& seen) {
    v1::SyncRequest request;
    request.set_worker_id("one-that-has-seen-more");
    request.set_protocol(1);
    *request.mutable_seen() = seen;
    const auto response = worker::ConnectToCoordinator(address)->Sync(request);
    if (!response.ok()) return response.status();
    return response->store();
  }
  std::string copy() const { return File("copy"); }

  std::string address_;
  std::unique_ptr<ChildProcess> coordinator_;
  std::unique_ptr<ChildProcess> worker_;
};

TEST_F(Copy, InThePlaceOfTheOriginalIsRefusedByTheWorkersThatKnewIt) {
  KillCoordinator();
  fs::remove_all(state());
  fs::rename(copy(), state());
  coordinator_ = StartCoordinator(address_, state());
  EXPECT_EQ(worker_->Wait(absl::Minutes(1)), 4) << Output("worker.out") << Output("coordinator.out");
  EXPECT_THAT(Output("worker.out"), AllOf(HasSubstr("this store is a stale copy: it ends at commit"),
                                          HasSubstr("was acknowledged"), HasSubstr("stop this coordinator")));
}

TEST_F(Copy, BesideTheOriginalIsRefusedAndTheOriginalIsNot) {
  const std::string beside = absl::StrCat("127.0.0.1:", FreePort());
  const auto second = StartCoordinator(beside, copy());
  ASSERT_TRUE(Await([&] { return Sync(beside, v1::StorePosition()).ok(); })) << Output("coordinator.out");
  ASSERT_OK_AND_ASSIGN(const v1::StorePosition seen, Sync(address_, v1::StorePosition()));
  EXPECT_THAT(Sync(beside, seen), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("stale copy")));
  EXPECT_OK(Sync(address_, seen));
}

TEST_F(Copy, OfAnotherStoreIsRefusedTooWhateverItsCommits) {
  const std::string beside = absl::StrCat("127.0.0.1:", FreePort());
  const auto second = StartCoordinator(beside, File("another"));
  ASSERT_TRUE(Await([&] { return Sync(beside, v1::StorePosition()).ok(); })) << Output("coordinator.out");
  ASSERT_OK_AND_ASSIGN(v1::StorePosition seen, Sync(address_, v1::StorePosition()));
  seen.set_acknowledged_commit(0);
  EXPECT_THAT(Sync(beside, seen),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("the worker works for store")));
}

}  // namespace
}  // namespace penstock
