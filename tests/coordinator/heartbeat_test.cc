// SPDX-License-Identifier: Apache-2.0
#include "coordinator/heartbeat.h"

#include "coordinator/limits.h"
#include "tests/coordinator/coordinator_fixture.h"

namespace penstock::coordinator {
namespace {

using storage::JobRecord;
using storage::WindowRecord;

constexpr char kUrl[] = "https://monitor.example.com:8443/ping/s3cret?x=y";

class HeartbeatTest : public CoordinatorFixture {
 protected:
  HeartbeatTest() { Restart(); }
  void Restart() {
    CoreOptions options = Options();
    options.sources[0].heartbeat.url = kUrl;
    Start(options);
    book_ = HeartbeatBook();
  }
  // A round that ended, with one window in this state.
  void Ended(uint64_t number, WindowRecord::State window_state = WindowRecord::DONE,
             JobRecord::Kind kind = JobRecord::SYNC, JobRecord::State state = JobRecord::DONE) {
    JobRecord job;
    job.set_number(number);
    job.set_source(1);
    job.set_kind(kind);
    job.set_state(state);
    *job.mutable_created() = ToProto(clock_.Now().wall);
    *job.mutable_finished() = ToProto(clock_.Now().wall);
    WindowRecord window;
    window.set_number(1000 + number);
    window.set_job(number);
    window.set_source(1);
    window.set_endpoint(1);
    window.set_state(window_state);
    const Core::Turn turn = core_->Enter();
    ASSERT_OK(core_->Commit(turn, {job, window}));
  }
  // The job whose heartbeat is due; 0: none.
  uint64_t Due() {
    const Core::Turn turn = core_->Enter();
    const std::optional<Heartbeat> due = book_.Due(core_->state(), turn.now);
    return due.has_value() ? due->job : 0;
  }
  void Call(const absl::Status& outcome) {
    const Core::Turn turn = core_->Enter();
    const std::optional<Heartbeat> due = book_.Due(core_->state(), turn.now);
    ASSERT_TRUE(due.has_value());
    EXPECT_EQ(due->to.url, kUrl);
    ASSERT_OK(core_->Commit(turn, book_.Ended(core_->state(), *due, outcome, turn.now)));
  }

  HeartbeatBook book_;
};

TEST_F(HeartbeatTest, ACompleteSyncIsToldOnce) {
  EXPECT_EQ(Due(), 0u);
  Ended(1);
  EXPECT_EQ(Due(), 1u);
  Call(absl::OkStatus());
  EXPECT_EQ(Due(), 0u);
  Ended(2);
  EXPECT_EQ(Due(), 2u);
}

TEST_F(HeartbeatTest, NothingElseIs) {
  Ended(1, WindowRecord::PARKED);
  Ended(2, WindowRecord::DONE, JobRecord::BACKFILL);
  Ended(3, WindowRecord::CANCELLED, JobRecord::SYNC, JobRecord::CANCELLED);
  Ended(4, WindowRecord::PENDING, JobRecord::SYNC, JobRecord::RUNNING);
  EXPECT_EQ(Due(), 0u);
}

TEST_F(HeartbeatTest, ASourceWithoutAUrlTellsNobody) {
  Start();
  Ended(1);
  EXPECT_EQ(Due(), 0u);
}

TEST_F(HeartbeatTest, OfSeveralRoundsTheLastIsTold) {
  Ended(1);
  Ended(2);
  EXPECT_EQ(Due(), 2u);
  Call(absl::OkStatus());
  EXPECT_EQ(Due(), 0u);
}

TEST_F(HeartbeatTest, WhatWasNotTakenComesAgainAfterARestartAndWhatWasDoesNot) {
  Ended(1);
  Restart();
  EXPECT_EQ(Due(), 1u);
  Call(absl::OkStatus());
  Restart();
  EXPECT_EQ(Due(), 0u);
}

TEST_F(HeartbeatTest, AFailureIsTriedAgainThriceAndThenTheNextSyncIsWaitedFor) {
  Ended(1);
  for (absl::Duration again : kHeartbeatAgain) {
    Call(absl::UnavailableError("down"));
    EXPECT_EQ(Due(), 0u);
    clock_.Advance(again);
    EXPECT_EQ(Due(), 1u);
  }
  Call(absl::UnavailableError("down"));
  clock_.Advance(absl::Hours(1));
  EXPECT_EQ(Due(), 0u);
  Ended(2);
  EXPECT_EQ(Due(), 2u);
}

TEST_F(HeartbeatTest, ARoundOfLongAgoIsNoSignOfLife) {
  Ended(1);
  clock_.Advance(kHeartbeatStale + absl::Seconds(1));
  EXPECT_EQ(Due(), 0u);
}

TEST_F(HeartbeatTest, ThePathOfAUrlIsASecret) { EXPECT_EQ(WithoutPath(kUrl), "https://monitor.example.com"); }

}  // namespace
}  // namespace penstock::coordinator
