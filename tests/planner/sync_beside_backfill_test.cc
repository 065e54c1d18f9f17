// SPDX-License-Identifier: Apache-2.0
// Syncs while a full backfill keeps every hand and every permit busy.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>

#include "proto/convert.h"
#include "tests/planner/virtual_run.h"

namespace penstock {
namespace {

const absl::Time kNow = FakeClock().Now().wall;

class SyncBesideBackfill : public ::testing::TestWithParam<Latency> {
 protected:
  SyncBesideBackfill() : tenant_(Tenant::Busy(kNow, 30, 400'000, 20261122)), run_(tenant_, GetParam(), 32) {
    run_.on_permit = [this](const v1::FetchAssignment& lease, absl::Duration waited) { Note(lease, waited); };
  }

  // A day's backfill and a round after it, so that there are watermarks, and then the full one.
  v1::Job BeginFull() {
    EXPECT_TRUE(run_.Finish(run_.Backfill(kNow - absl::Hours(24))));
    run_.restamped = 6'000;
    const absl::StatusOr<v1::Job> first = run_.admin().CreateSync({});
    EXPECT_TRUE(first.ok() && run_.Finish(*first));
    waits_.clear();
    both_wait_ = of_these_backfill_ = 0;
    return run_.Backfill(kNow - absl::Hours(24 * 365));
  }
  bool SyncIsOpen() {
    const v1::SyncOverview overview = *run_.admin().GetSync({});
    return overview.has_open();
  }

  void Note(const v1::FetchAssignment& lease, absl::Duration waited) {
    const auto& state = run_.core().state();
    const uint32_t source = 1;
    bool backfill_waits = false;
    bool sync_waits = false;
    for (const coordinator::PermitAsk& ask : run_.core().desk().Waiting(source)) {
      if (ask.endpoint == Endpoint::kUsers) continue;
      (ask.urgency.work == coordinator::WorkClass::kSync ? sync_waits : backfill_waits) = true;
    }
    const bool is_sync =
        state.FindJob(state.FindWindow(lease.window())->job())->kind() == storage::JobRecord::SYNC;
    const absl::Duration now = run_.Elapsed();
    if (is_sync) {
      // From the moment at which no other request of the sync stood before it.
      const absl::Duration first_in_line = std::max(now - waited, last_sync_permit_);
      // Users have a limit of their own.
      if (lease.endpoint() != v1::USERS) waits_.push_back(now - first_in_line);
      last_sync_permit_ = now;
      both_wait_ += backfill_waits;
      in_a_row_ = backfill_waits ? in_a_row_ + 1 : 0;
      most_in_a_row_ = std::max(most_in_a_row_, in_a_row_);
    } else {
      in_a_row_ = 0;
      both_wait_ += sync_waits;
      of_these_backfill_ += sync_waits;
    }
  }
  absl::Duration P99() {
    std::sort(waits_.begin(), waits_.end());
    return waits_[waits_.size() * 99 / 100];
  }

  const Tenant tenant_;
  VirtualRun run_;
  std::vector<absl::Duration> waits_;
  absl::Duration last_sync_permit_;
  uint64_t in_a_row_ = 0;  // sync's permits while a backfill waited
  uint64_t most_in_a_row_ = 0;
  uint64_t both_wait_ = 0;
  uint64_t of_these_backfill_ = 0;
};

TEST_P(SyncBesideBackfill, ASyncRequestWaitsForOnePermitAtMostAndTheBackfillKeepsItsFloor) {
  const v1::Job full = BeginFull();
  uint64_t rounds = 0;
  run_.after_commit = [&] {
    if (rounds >= 6 || SyncIsOpen()) return;
    ASSERT_TRUE(run_.admin().CreateSync({}).ok());
    ++rounds;
  };
  ASSERT_TRUE(run_.Finish(full));
  ASSERT_EQ(rounds, 6u);
  ASSERT_GT(waits_.size(), 300u);
  ASSERT_GT(both_wait_, 300u);
  const double share = static_cast<double>(of_these_backfill_) / static_cast<double>(both_wait_);
  const absl::Duration p99 = P99();
  std::printf(
      "%zu sync requests: p99 %s, most %s; backfill got %.1f %% of %llu permits that both waited for\n",
      waits_.size(), absl::FormatDuration(p99).c_str(), absl::FormatDuration(waits_.back()).c_str(),
      share * 100, static_cast<unsigned long long>(both_wait_));
  // Its own permit's interval, and at times the one before it, which is the backfill's. Slots know whole milliseconds.
  EXPECT_LE(p99, 2 * (absl::Seconds(60.05) + GetParam().first_byte) / 60 + absl::Milliseconds(10));
  EXPECT_LE(most_in_a_row_, 4u) << "every fifth permit is the backfill's";
}

INSTANTIATE_TEST_SUITE_P(Latencies, SyncBesideBackfill,
                         ::testing::Values(Latency{absl::Milliseconds(200), absl::ZeroDuration()},
                                           Latency{absl::Seconds(1), absl::ZeroDuration()},
                                           Latency{absl::Seconds(4), absl::ZeroDuration()}));

}  // namespace
}  // namespace penstock
