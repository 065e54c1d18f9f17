// SPDX-License-Identifier: Apache-2.0
// How much of the budget a calm cluster uses, and that it never asks for more (FAULTS I1, I8).
#include <gtest/gtest.h>

#include "tests/simulation/cluster.h"
#include "tests/simulation/world.h"

namespace penstock::simulation {
namespace {

struct Calm {
  double use = 0;  // of the limit
  uint32_t peak = 0;
  uint64_t refused = 0;
};

// An hour of steady state, no fault, and work enough: twelve backfills' windows, page after page of one row.
Calm RunCalmly(absl::Duration first_byte, absl::Duration body) {
  World world(1, false);
  Scenario scenario;
  scenario.page_size = 1;
  scenario.rows = 900;
  scenario.workers = 4;
  scenario.speed.constant = true;
  scenario.speed.way = absl::Milliseconds(1);
  scenario.speed.first_byte = first_byte;
  scenario.speed.body = body;
  scenario.call_way = absl::Milliseconds(1);
  Cluster cluster(world, scenario);
  for (int i = 0; i < 12; ++i) cluster.CreateBackfill(false);
  cluster.RunUntil(absl::Minutes(5));
  const uint64_t before = world.requests;
  cluster.RunUntil(absl::Minutes(65));
  EXPECT_EQ(world.violation, "");
  EXPECT_FALSE(cluster.coordinator().core().state().open_windows().empty()) << "there was not work enough";
  return {static_cast<double>(world.requests - before) / 3600.0, cluster.source().peak(),
          world.refused_by_limiter};
}

struct Case {
  absl::Duration first_byte;
  absl::Duration body;
  double least;
};
class Utilisation : public ::testing::TestWithParam<Case> {};

TEST_P(Utilisation, NearlyEveryRequestThatIsAllowedIsMadeAndNotOneMore) {
  const Calm calm = RunCalmly(GetParam().first_byte, GetParam().body);
  RecordProperty("use_permille", static_cast<int>(calm.use * 1000));
  EXPECT_GE(calm.use, GetParam().least);
  EXPECT_LE(calm.peak, 60u);
  EXPECT_EQ(calm.refused, 0u);
}

INSTANTIATE_TEST_SUITE_P(TimesToFirstByte, Utilisation,
                         ::testing::Values(Case{absl::Milliseconds(500), absl::ZeroDuration(), 0.985},
                                           Case{absl::Seconds(1), absl::ZeroDuration(), 0.975},
                                           Case{absl::Seconds(2), absl::ZeroDuration(), 0.96},
                                           Case{absl::Seconds(1), absl::Seconds(7), 0.97}));

}  // namespace
}  // namespace penstock::simulation
