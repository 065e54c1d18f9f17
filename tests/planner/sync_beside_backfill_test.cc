// SPDX-License-Identifier: Apache-2.0
// Syncs while a full backfill keeps every hand and every permit busy.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <optional>

#include "coordinator/limits.h"
#include "proto/convert.h"
#include "tests/planner/virtual_run.h"

namespace penstock {
namespace {

const absl::Time kNow = FakeClock().Now().wall;

class SyncBesideBackfill : public ::testing::TestWithParam<Latency> {
 protected:
  SyncBesideBackfill() : tenant_(Tenant::Busy(kNow, 30, 1'000'000, 20261122)), run_(tenant_, GetParam(), 32) {
    run_.on_permit = [this](const v1::FetchAssignment& lease, absl::Duration waited) { Note(lease, waited); };
  }

  // A day's backfill and a round after it, so that there are watermarks, and then the full one.
  v1::Job BeginFull() {
    EXPECT_TRUE(run_.Finish(run_.Backfill(kNow - absl::Hours(24))));
    run_.restamped = 6'000;
    const absl::StatusOr<v1::Job> first = run_.admin().CreateSync({});
    EXPECT_TRUE(first.ok() && run_.Finish(*first));
    waits_.clear();
    given_.clear();
    return run_.Backfill(kNow - absl::Hours(24 * 365));
  }

  // `most`: rounds, `pause`: from the beginning of one to that of the next at least; empty: once it has ended.
  void SyncAlong(uint64_t most, std::optional<absl::Duration> pause) {
    run_.after_commit = [this, most, pause, next = run_.Elapsed()]() mutable {
      const bool open = !pause.has_value() && run_.admin().GetSync({})->has_open();
      if (rounds_ >= most || run_.Elapsed() < next || open) return;
      ASSERT_TRUE(run_.admin().CreateSync({}).ok());
      ++rounds_;
      next = run_.Elapsed() + pause.value_or(absl::ZeroDuration());
    };
  }
  void Print(absl::Duration p99, size_t permits) const {
    std::printf("%zu sync requests: p99 %s, most %s; backfill got %.1f %% or more of any %zu permits\n",
                waits_.size(), absl::FormatDuration(p99).c_str(), absl::FormatDuration(waits_.back()).c_str(),
                LeastShare(permits) * 100, permits);
  }

  void Note(const v1::FetchAssignment& lease, absl::Duration waited) {
    const auto& state = run_.core().state();
    const bool is_sync =
        state.FindJob(state.FindWindow(lease.window())->job())->kind() == storage::JobRecord::SYNC;
    const absl::Duration now = run_.Elapsed();
    if (is_sync) {
      // From the moment at which no other request of the sync stood before it.
      const absl::Duration first_in_line = std::max(now - waited, last_sync_permit_);
      // Users have a limit of their own.
      if (lease.endpoint() != v1::USERS) waits_.push_back(now - first_in_line);
      last_sync_permit_ = now;
    }
    given_.push_back(is_sync);
  }
  // The least that the backfill got of so many permits in a row, while it lasted.
  double LeastShare(size_t permits) const {
    size_t syncs = 0;
    size_t most = 0;
    for (size_t i = 0; i < given_.size(); ++i) {
      syncs += given_[i];
      if (i >= permits) syncs -= given_[i - permits];
      most = std::max(most, syncs);
    }
    return 1 - static_cast<double>(most) / static_cast<double>(permits);
  }
  absl::Duration P99() {
    std::sort(waits_.begin(), waits_.end());
    return waits_[waits_.size() * 99 / 100];
  }

  const Tenant tenant_;
  VirtualRun run_;
  uint64_t rounds_ = 0;
  std::vector<absl::Duration> waits_;
  absl::Duration last_sync_permit_;
  std::vector<bool> given_;  // in order, whether it was a sync's
};

TEST_P(SyncBesideBackfill, ASyncRequestWaitsForOnePermitAtMostAndTheBackfillKeepsItsFloor) {
  const v1::Job full = BeginFull();
  SyncAlong(3, absl::Minutes(15));
  ASSERT_TRUE(run_.Finish(full));
  ASSERT_EQ(rounds_, 3u);
  ASSERT_GT(waits_.size(), 300u);
  // In any half hour.
  ASSERT_GT(given_.size(), 1'800u);
  const absl::Duration p99 = P99();
  Print(p99, 1'800);
  EXPECT_LE(p99, absl::Seconds(2));
  EXPECT_GE(LeastShare(1'800), 0.2);
}

// More than any schedule asks for: each round begins when the one before it has ended.
TEST_P(SyncBesideBackfill, BesideSyncsWithoutEndTheBackfillKeepsItsFloorToo) {
  const v1::Job full = BeginFull();
  SyncAlong(6, std::nullopt);
  ASSERT_TRUE(run_.Finish(full));
  ASSERT_EQ(rounds_, 6u);
  ASSERT_GT(given_.size(), 1'200u);
  const absl::Duration p99 = P99();
  Print(p99, 1'200);
  // Its own permit's interval, and at times the one before it, which is the backfill's. Slots know whole milliseconds.
  EXPECT_LE(p99, 2 * (absl::Seconds(60.05) + GetParam().first_byte) / 60 + absl::Milliseconds(10));
  // What goes past it beyond its share is five minutes' worth at most.
  EXPECT_GE(LeastShare(1'200), 0.2 * (1'200 - coordinator::kBackfillCreditMax) / 1'200);
}

INSTANTIATE_TEST_SUITE_P(Latencies, SyncBesideBackfill,
                         ::testing::Values(Latency{absl::Milliseconds(200), absl::ZeroDuration()},
                                           Latency{absl::Seconds(1), absl::ZeroDuration()},
                                           Latency{absl::Seconds(4), absl::ZeroDuration()}));

}  // namespace
}  // namespace penstock
