// SPDX-License-Identifier: Apache-2.0
#include "worker/fetch_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_transport.h"
#include "worker/limits.h"

namespace penstock::worker {
namespace {

// A session that holds a page, and a coordinator that is away: it may be in its own restart.
class DrainWithAPage : public ::testing::Test {
 protected:
  void SetUp() override {
    v1::AcquirePermitResponse permit;
    permit.mutable_permit()->set_number(7);
    As<AskPermit>(session_.Begin());
    As<SendRequest>(session_.OnPermit(permit, clock_.Now().boot));
    SourceClient::Sent sent;
    sent.result = FakeTransport::Answer(200, R"({"@odata.context":"c","value":[{"id":"a"}]})");
    As<CommitPage>(session_.OnSent(sent, clock_.Now()));
    As<TellFate>(session_.OnCommitted(kAway));
    EXPECT_FALSE(As<Pause>(session_.OnFateTold(kAway)).although_draining);
  }

  static v1::FetchAssignment Window() {
    v1::FetchAssignment window;
    window.set_window(1001);
    window.set_endpoint(v1::CONVERSATIONS);
    window.set_axis(v1::CREATED_TIME);
    return window;
  }
  template <typename Step>
  static Step As(const FetchStep& step) {
    EXPECT_TRUE(std::holds_alternative<Step>(step)) << "step " << step.index();
    return std::holds_alternative<Step>(step) ? std::get<Step>(step) : Step{};
  }

  const absl::Status kAway = absl::UnavailableError("the coordinator does not answer");
  FakeClock clock_;
  SeededRandom random_{1};
  TaskSlot slot_{v1::LeaseToken(), [] {}};
  FetchSession session_{Window(), "https://api.example.com/export/v1/records", random_, slot_};
};

TEST_F(DrainWithAPage, ThePageIsCommittedWhenTheCoordinatorComesBack) {
  slot_.Drain();
  EXPECT_EQ(As<CommitPage>(session_.OnPaused(clock_.Now())).page->header.row_count(), 1u);
  const auto pause = As<Pause>(session_.OnCommitted(kAway));
  EXPECT_TRUE(pause.although_draining);
  EXPECT_GT(pause.duration, absl::ZeroDuration());
  clock_.Advance(pause.duration);
  As<CommitPage>(session_.OnPaused(clock_.Now()));
  v1::CommitPageResponse committed;
  committed.set_next(v1::CommitPageResponse::STOP);
  As<SessionEnded>(session_.OnCommitted(committed));
}

TEST_F(DrainWithAPage, ItsWorkerWaitsNoLongerThanADrainMayTake) {
  slot_.Drain();
  FetchStep step = session_.OnPaused(clock_.Now());
  const absl::Duration begun = clock_.Now().boot;
  while (std::holds_alternative<CommitPage>(step)) {
    clock_.Advance(kConnectPatience);
    clock_.Advance(As<Pause>(session_.OnCommitted(kAway)).duration);
    step = session_.OnPaused(clock_.Now());
  }
  EXPECT_LT(clock_.Now().boot - begun, absl::Seconds(10) - kConnectPatience);
  EXPECT_EQ(As<ReturnWindow>(step).request.reason(), v1::ReleaseWindowRequest::RETURNED);
  As<SessionEnded>(session_.OnReturned(kAway));
}

TEST_F(DrainWithAPage, ALostLeaseEndsTheWait) {
  slot_.Drain();
  As<CommitPage>(session_.OnPaused(clock_.Now()));
  As<Pause>(session_.OnCommitted(kAway));
  slot_.Lose();
  As<SessionEnded>(session_.OnPaused(clock_.Now()));
}

TEST(PauseOfATask, IsCutShortByADrainUnlessItWaitsAllTheSame) {
  TaskSlot slot(v1::LeaseToken(), [] {});
  slot.Drain();
  slot.Wait(absl::InfiniteDuration());  // returns
  slot.Lose();
  slot.Wait(absl::InfiniteDuration(), /*although_draining=*/true);
}

}  // namespace
}  // namespace penstock::worker
