// SPDX-License-Identifier: Apache-2.0
// Sources that do not understand what they are asked: every row comes all the same.
#include <gtest/gtest.h>

#include <algorithm>

#include "proto/convert.h"
#include "tests/planner/virtual_run.h"

namespace penstock {
namespace {

const absl::Time kNow = FakeClock().Now().wall;
// Slow bodies: many chains are needed, so windows are cut where that is possible.
constexpr uint32_t kWorkers = 20;

Latency SlowBodies() { return {absl::Seconds(1), absl::Seconds(14)}; }

const Tenant& SmallTenant() {
  static const Tenant* const kTenant = new Tenant(Tenant::Busy(kNow, 30, 87'000, 7));
  return *kTenant;
}

int Ranges(VirtualRun& run, const v1::Job& job) {
  const std::vector<v1::Window> windows = run.Windows(job.number());
  return static_cast<int>(std::count_if(windows.begin(), windows.end(), [](const v1::Window& window) {
    return window.purpose() == "range" && window.state() == v1::WINDOW_DONE;
  }));
}

class Oddities : public ::testing::Test {
 protected:
  void Read(Oddity oddity, std::optional<absl::Time> from = std::nullopt) {
    run_ = std::make_unique<VirtualRun>(SmallTenant(), SlowBodies(), kWorkers, oddity);
    job_ = run_->Backfill(from);
    ASSERT_TRUE(run_->Finish(job_));
    job_ = run_->Job(job_.number());
    EXPECT_EQ(job_.parked_windows(), 0u);
    if (!from.has_value()) {
      EXPECT_TRUE(run_->HasAll());
    }
    for (Endpoint endpoint : kAllEndpoints) {
      const Tenant::Slice asked = SmallTenant().Between(endpoint, from.value_or(absl::InfinitePast()), kNow);
      for (uint64_t id = asked.first; id < asked.first + asked.records; ++id) {
        ASSERT_TRUE(run_->store().Has(endpoint, id)) << Name(endpoint) << " " << id;
      }
    }
  }
  std::unique_ptr<VirtualRun> run_;
  v1::Job job_;
};

TEST_F(Oddities, AServerThatUnderstandsEverythingIsReadByManyChains) {
  Read({});
  EXPECT_GT(Ranges(*run_, job_), 8);
  EXPECT_EQ(run_->spent().refused, 0u);
}

TEST_F(Oddities, TwoSortKeysRefusedMeansOneKeyAndNoCuts) {
  Read({.refuses_two_keys = true});
  EXPECT_LE(Ranges(*run_, job_), 9);  // five endpoints, four tails
  EXPECT_LE(run_->spent().refused,
            8u);  // two windows of an endpoint may be on their way when the first is refused
}

TEST_F(Oddities, AnOrderThatIsNotKeptMeansNoCuts) {
  Read({.ignores_order = true});
  EXPECT_LE(Ranges(*run_, job_), 9);
}

TEST_F(Oddities, AFilterThatIsRefusedMeansReadingEverything) {
  Read({.refuses_filter = true}, kNow - absl::Hours(24 * 40));
}

TEST_F(Oddities, AFilterThatIsIgnoredMeansReadingDownToTheRange) {
  Read({.ignores_filter = true}, kNow - absl::Hours(24 * 10));
  EXPECT_LE(run_->spent().requests, 250u);
}

TEST_F(Oddities, AFilterThatIsIgnoredWithoutAnyOrderMeansReadingEverything) {
  Read({.ignores_order = true, .ignores_filter = true}, kNow - absl::Hours(24 * 10));
  EXPECT_LE(run_->spent().requests, 250u);
}

TEST_F(Oddities, AFilterThatIsIgnoredCostsAWholeBackfillItsCutsAtMost) {
  Read({.ignores_filter = true});
  EXPECT_LE(run_->spent().requests, 500u);
}

TEST_F(Oddities, AFilterThatOnlyTheClosingPassMissesEndsWithoutIt) { Read({.refuses_filter = true}); }

TEST_F(Oddities, ASourceThatCannotCountIsReadWithoutCounts) {
  Read({.refuses_count = true});
  EXPECT_LE(run_->spent().counts, 5u);
}

TEST_F(Oddities, NothingAtAllIsUnderstood) {
  Read({.refuses_two_keys = true, .refuses_filter = true, .refuses_count = true});
}

TEST_F(Oddities, AWholeThatLacksARowIsFoundByOneCountAndReadAgainInSmall) {
  run_ = std::make_unique<VirtualRun>(SmallTenant(), SlowBodies(), kWorkers);
  job_ = run_->Backfill();
  bool lost = false;
  run_->after_commit = [&] {
    if (lost || run_->store().Rows(Endpoint::kPluginResources) < 60'000) return;
    run_->store().Forget(Endpoint::kPluginResources, 40'000);
    lost = true;
  };
  ASSERT_TRUE(run_->Finish(job_));
  EXPECT_TRUE(lost);
  EXPECT_TRUE(run_->HasAll());
  uint64_t read_again = 0;
  for (const v1::Window& window : run_->Windows(job_.number())) {
    if (window.purpose() == "reread") read_again += window.pages();
  }
  EXPECT_GE(read_again, 1u);
  EXPECT_LE(read_again, 3u);
}

}  // namespace
}  // namespace penstock
