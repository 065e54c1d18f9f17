// SPDX-License-Identifier: Apache-2.0
#include "base/random.h"

#include <gtest/gtest.h>

#include <set>

namespace penstock {
namespace {

TEST(SeededRandom, GivesThePublishedSequenceOfSplitmix64) {
  SeededRandom random(1234567);
  EXPECT_EQ(random.Next(), 6457827717110365317u);
  EXPECT_EQ(random.Next(), 3203168211198807973u);
  EXPECT_EQ(random.Next(), 9817491932198370423u);
}

TEST(Random, AFractionIsNeverOne) {
  class Highest final : public Random {
    uint64_t Next() override { return UINT64_MAX; }
  } highest;
  EXPECT_LT(highest.Fraction(), 1.0);
  EXPECT_GT(highest.Fraction(), 0.999999);
}

TEST(SystemRandom, DoesNotRepeatItself) {
  std::set<uint64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(SystemRandom().Next());
  EXPECT_EQ(seen.size(), 1000u);
}

}  // namespace
}  // namespace penstock
