// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_clock.h"

namespace penstock {
namespace {

TEST(SystemClock, BootTimeNeverGoesBack) {
  const Moment first = SystemClock().Now();
  const Moment second = SystemClock().Now();
  EXPECT_GE(second.boot, first.boot);
  EXPECT_GT(first.boot, absl::ZeroDuration());
}

TEST(SystemClock, TheBootIdStaysTheSameWhileTheMachineRuns) {
  EXPECT_FALSE(SystemClock().BootId().empty());
  EXPECT_EQ(SystemClock().BootId(), SystemClock().BootId());
}

TEST(FakeClock, SleepMovesBothClocksAndAWallJumpOnlyOne) {
  FakeClock clock;
  const Moment before = clock.Now();
  clock.Sleep(absl::Seconds(5));
  clock.JumpWall(-absl::Hours(1));
  EXPECT_EQ(clock.Now().boot - before.boot, absl::Seconds(5));
  EXPECT_EQ(clock.Now().wall - before.wall, absl::Seconds(5) - absl::Hours(1));
}

}  // namespace
}  // namespace penstock
