// SPDX-License-Identifier: Apache-2.0
#include "worker/worker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "base/clock.h"
#include "base/random.h"
#include "tests/fakes/fake_coordinator.h"
#include "tests/fakes/fake_transport.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::worker {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kBase[] = "https://api.example.com/export/v1/records";

// A worker on its own thread between a fake coordinator and a fake source.
class WorkerTest : public ::testing::Test {
 protected:
  void Start(FakeTransport::Handler source) {
    Config config;
    config.sources["acme"].name = "acme";
    config.sources["acme"].url = kBase;
    auto sources = OpenSources(
        config, [&](const HttpConfig&) { return std::make_unique<FakeTransport>(source); }, SystemClock());
    ASSERT_OK(sources);
    worker_ = std::make_unique<Worker>(
        config, WorkerOptions{.version = "test", .fetch_capacity = 1, .load_capacity = 0}, coordinator_,
        *sources, SystemClock(), SystemRandom());
    thread_ = std::thread([this] { result_ = worker_->Run(); });
  }

  absl::Status Join() {
    thread_.join();
    return result_;
  }

  static v1::FetchAssignment Window(uint64_t number) {
    v1::FetchAssignment window;
    window.mutable_token()->set_epoch(1);
    window.mutable_token()->set_counter(number);
    window.set_source("acme");
    window.set_window(number);
    window.set_endpoint(v1::CONVERSATIONS);
    window.set_axis(v1::CREATED_TIME);
    return window;
  }

  std::shared_ptr<FakeCoordinator> coordinator_ = std::make_shared<FakeCoordinator>();
  std::unique_ptr<Worker> worker_;
  std::thread thread_;
  absl::Status result_;
};

constexpr char kLastPage[] = R"({"@odata.context":"c","value":[{"id":"a"}]})";

TEST_F(WorkerTest, WindowsAreFetchedOneAfterTheOtherUntilItDrains) {
  coordinator_->windows = {Window(1), Window(2), Window(3)};
  Start([](const HttpRequest&) { return FakeTransport::Answer(200, kLastPage); });
  coordinator_->Await([&] { return coordinator_->pages.size() == 3; });
  worker_->Drain();
  EXPECT_OK(Join());
  EXPECT_EQ(coordinator_->permits, 3u);
  EXPECT_THAT(coordinator_->reports, SizeIs(3));
  EXPECT_TRUE(coordinator_->syncs.back().draining());
}

TEST_F(WorkerTest, AWindowUnderWayIsGivenBackWhenItDrains) {
  coordinator_->windows = {Window(1)};
  // Every page has a next one: the window would never end by itself.
  std::atomic<int> pages = 0;
  Start([&](const HttpRequest&) {
    return FakeTransport::Answer(200, R"({"@odata.context":"c","@odata.nextLink":")" + std::string(kBase) +
                                          "/conversations?$skiptoken=" + std::to_string(++pages) +
                                          R"(","value":[{"id":"a"}]})");
  });
  coordinator_->Await([&] { return coordinator_->pages.size() >= 5; });
  worker_->Drain();
  EXPECT_OK(Join());
  ASSERT_THAT(coordinator_->releases, SizeIs(1));
  EXPECT_EQ(coordinator_->releases[0].reason(), v1::ReleaseWindowRequest::RETURNED);
}

TEST_F(WorkerTest, ALostLeaseEndsItsTaskWithoutAWord) {
  coordinator_->windows = {Window(1)};
  std::atomic<int> pages = 0;
  Start([&](const HttpRequest&) {
    return FakeTransport::Answer(200, R"({"@odata.context":"c","@odata.nextLink":")" + std::string(kBase) +
                                          "/conversations?$skiptoken=" + std::to_string(++pages) +
                                          R"(","value":[{"id":"a"}]})");
  });
  coordinator_->Await([&] { return coordinator_->LastHeld() == 1; });
  coordinator_->Set([&] { coordinator_->lose_everything = true; });
  // Named as held until it has ended, and then no more.
  coordinator_->Await([&] { return coordinator_->LastHeld() == 0; });
  worker_->Drain();
  EXPECT_OK(Join());
  EXPECT_THAT(coordinator_->releases, IsEmpty());
}

TEST_F(WorkerTest, TheTroubleOfATaskIsToldWithEachSync) {
  coordinator_->windows = {Window(1)};
  Start([](const HttpRequest&) {
    return FakeTransport::NeverSent(absl::UnavailableError("cannot connect to api.example.com"));
  });
  coordinator_->Await(
      [&] { return coordinator_->LastHeld() == 1 && !coordinator_->syncs.back().held(0).trouble().empty(); });
  EXPECT_THAT(coordinator_->syncs.back().held(0).trouble(), HasSubstr("cannot connect"));
  worker_->Drain();
  EXPECT_OK(Join());
  EXPECT_EQ(coordinator_->reports[0].fate(), v1::NEVER_SENT);
}

TEST_F(WorkerTest, ACoordinatorThatIsAwayIsWaitedForAndOneThatRefusesEndsTheWorker) {
  coordinator_->sync_failure = absl::UnavailableError("starting");
  Start([](const HttpRequest&) { return FakeTransport::Answer(200, kLastPage); });
  coordinator_->Await([&] { return coordinator_->syncs.size() >= 2; });
  coordinator_->Set([&] { coordinator_->sync_failure = absl::FailedPreconditionError("a stale copy"); });
  EXPECT_THAT(Join(), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("stale copy")));
}

TEST_F(WorkerTest, ItPresentsTheStoreThatItKnows) {
  Start([](const HttpRequest&) { return FakeTransport::Answer(200, kLastPage); });
  coordinator_->Await([&] { return coordinator_->syncs.size() >= 2; });
  worker_->Drain();
  EXPECT_OK(Join());
  EXPECT_EQ(coordinator_->syncs[0].seen().store_id(), "");
  EXPECT_EQ(coordinator_->syncs[1].seen().store_id(), "store");
  EXPECT_THAT(coordinator_->syncs[1].worker_id(), Not(IsEmpty()));
}

// A copy that was taken between two Syncs must not pass for the original.
TEST_F(WorkerTest, ItPresentsTheCommitOfItsLastPage) {
  coordinator_->windows = {Window(1), Window(2)};
  Start([](const HttpRequest&) { return FakeTransport::Answer(200, kLastPage); });
  coordinator_->Await([&] {
    return !coordinator_->syncs.empty() && coordinator_->syncs.back().seen().acknowledged_commit() == 2;
  });
  worker_->Drain();
  EXPECT_OK(Join());
}

}  // namespace
}  // namespace penstock::worker
