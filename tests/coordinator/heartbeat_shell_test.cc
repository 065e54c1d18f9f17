// SPDX-License-Identifier: Apache-2.0
// The call itself, and the thread that makes it.
#include "coordinator/heartbeat_shell.h"

#include <gmock/gmock.h>

#include <mutex>

#include "proto/convert.h"
#include "store/memory_store.h"
#include "tests/fakes/await.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/status_matchers.h"
#include "tests/worker/raw_server.h"

namespace penstock::coordinator {
namespace {

using storage::JobRecord;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kSecretPath[] = "/ping/s3cret";

absl::Status CallOnce(RawServer& server, absl::Duration timeout = absl::Seconds(20)) {
  return NewCurlHeartbeatClient(timeout)->Call({server.Url(kSecretPath), {}});
}

TEST(CurlHeartbeat, IsAGetOfThatUrl) {
  std::string request;
  RawServer server([&](RawConnection& connection) {
    request = connection.ReadRequest();
    connection.Answer(200, "OK");
  });
  EXPECT_OK(CallOnce(server));
  EXPECT_THAT(request, HasSubstr("GET /ping/s3cret HTTP/1.1\r\n"));
}

TEST(CurlHeartbeat, FollowsNoRedirectAndNamesNoPath) {
  RawServer server([](RawConnection& connection) {
    connection.ReadRequest();
    connection.Answer(302, "", "Location: /elsewhere\r\n");
  });
  EXPECT_THAT(CallOnce(server),
              StatusIs(absl::StatusCode::kUnavailable,
                       AllOf(HasSubstr("http://127.0.0.1 answered 302; redirects are not followed"),
                             Not(HasSubstr("s3cret")))));
  EXPECT_EQ(server.connections(), 1);
}

TEST(CurlHeartbeat, AServerErrorAndSilenceAreFailures) {
  RawServer broken([](RawConnection& connection) {
    connection.ReadRequest();
    connection.Answer(500, "no");
  });
  EXPECT_THAT(CallOnce(broken), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("answered 500")));
  RawServer silent([](RawConnection& connection) { connection.WaitForClose(); });
  EXPECT_THAT(
      CallOnce(silent, absl::Milliseconds(50)),
      StatusIs(absl::StatusCode::kUnavailable, AllOf(HasSubstr("Timeout"), Not(HasSubstr("s3cret")))));
}

TEST(CurlHeartbeat, SendsNothingInTheClearToAnotherMachine) {
  EXPECT_THAT(NewCurlHeartbeatClient(absl::Seconds(1))->Call({"http://monitor.example.com/ping", {}}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("https")));
}

// Answers as it is told, and remembers who called.
class FakeClient final : public HeartbeatClient {
 public:
  absl::Status Call(const HeartbeatSettings& to) override {
    std::lock_guard lock(mutex);
    urls.push_back(to.url);
    return answer;
  }
  void Abort() override {}

  std::vector<std::string> Urls() {
    std::lock_guard lock(mutex);
    return urls;
  }

  std::mutex mutex;
  std::vector<std::string> urls;
  absl::Status answer;
};

class HeartbeatShellTest : public ::testing::Test {
 protected:
  HeartbeatShellTest() {
    CoreOptions options;
    SourceSettings source;
    source.name = "acme";
    source.url = "https://api.example.com/export/v1/records";
    source.heartbeat.url = "https://monitor.example.com/ping";
    options.sources.push_back(source);
    core_ = *Core::Open(store::NewMemoryStore("store", 1), clock_, random_, options);
    auto client = std::make_unique<FakeClient>();
    client_ = client.get();
    shell_ = std::make_unique<HeartbeatShell>(*core_, std::move(client));
  }
  void EndSync(uint64_t number) {
    JobRecord job;
    job.set_number(number);
    job.set_source(1);
    job.set_kind(JobRecord::SYNC);
    job.set_state(JobRecord::DONE);
    *job.mutable_finished() = ToProto(clock_.Now().wall);
    const Core::Turn turn = core_->Enter();
    ASSERT_OK(core_->Commit(turn, {job}));
  }
  uint64_t Taken() {
    const Core::Turn turn = core_->Enter();
    return core_->state().sources().at(1).heartbeat_job();
  }

  FakeClock clock_;
  SeededRandom random_{1};
  std::unique_ptr<Core> core_;
  FakeClient* client_ = nullptr;
  std::unique_ptr<HeartbeatShell> shell_;
};

TEST_F(HeartbeatShellTest, CallsAfterACompleteSyncAndKeepsThatItWasTaken) {
  shell_->Tick();
  EndSync(1);
  EXPECT_TRUE(Await([&] {
    shell_->Tick();
    return Taken() == 1;
  }));
  shell_->Tick();
  EXPECT_THAT(client_->Urls(), ElementsAre("https://monitor.example.com/ping"));
}

TEST_F(HeartbeatShellTest, AFailureLeavesTheJobAsItIsAndIsCalledAgain) {
  client_->answer = absl::UnavailableError("down");
  EndSync(1);
  EXPECT_TRUE(Await([&] {
    shell_->Tick();
    clock_.Advance(absl::Seconds(1));
    return client_->Urls().size() >= 2;
  }));
  EXPECT_EQ(Taken(), 0u);
  const Core::Turn turn = core_->Enter();
  EXPECT_EQ(core_->state().FindJob(1)->state(), JobRecord::DONE);
}

TEST_F(HeartbeatShellTest, EndsWithACallUnderWay) {
  EndSync(1);
  shell_->Tick();
  shell_.reset();
  EXPECT_EQ(Taken(), 0u);
}

}  // namespace
}  // namespace penstock::coordinator
