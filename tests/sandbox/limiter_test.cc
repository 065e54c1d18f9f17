// SPDX-License-Identifier: Apache-2.0
#include "sandbox/limiter.h"

#include <gtest/gtest.h>

namespace penstock::sandbox {
namespace {

using absl::Milliseconds;
using absl::Nanoseconds;
using absl::Seconds;

TEST(SlidingLimiter, ExactlyAMinuteLaterTheFirstStillCounts) {
  SlidingLimiter limiter(2);
  EXPECT_TRUE(limiter.Arrive(Seconds(100)).admitted);
  EXPECT_TRUE(limiter.Arrive(Seconds(101)).admitted);
  EXPECT_FALSE(limiter.Arrive(Seconds(160)).admitted) << "the span is closed at both ends";
  EXPECT_TRUE(limiter.Arrive(Seconds(160) + Nanoseconds(1)).admitted);
  EXPECT_FALSE(limiter.Arrive(Seconds(160) + Nanoseconds(2)).admitted) << "the second one is still there";
}

TEST(SlidingLimiter, RetryAfterIsTheFirstMomentThatWorks) {
  SlidingLimiter limiter(1);
  EXPECT_TRUE(limiter.Arrive(Seconds(10)).admitted);
  const auto verdict = limiter.Arrive(Seconds(30));
  ASSERT_FALSE(verdict.admitted);
  EXPECT_EQ(verdict.retry_after, Seconds(40) + Nanoseconds(1));
  EXPECT_TRUE(limiter.Arrive(Seconds(30) + verdict.retry_after).admitted);
}

TEST(SlidingLimiter, NoSpanOfAMinuteHoldsMoreThanTheLimit) {
  SlidingLimiter limiter(60);
  std::vector<absl::Duration> admitted;
  for (int i = 0; i < 5000; ++i) {
    const absl::Duration now = Milliseconds(137) * i;
    if (limiter.Arrive(now).admitted) admitted.push_back(now);
  }
  ASSERT_GT(admitted.size(), 600u);
  for (size_t i = 60; i < admitted.size(); ++i) {
    EXPECT_GT(admitted[i] - admitted[i - 60], Seconds(60))
        << "61 requests in a minute, ending with number " << i;
  }
}

TEST(SlidingLimiter, RefusedOnesAreMeasuredButDoNotLockTheClientOut) {
  SlidingLimiter limiter(1);
  EXPECT_TRUE(limiter.Arrive(Seconds(0)).admitted);
  for (int i = 1; i <= 60; ++i) EXPECT_FALSE(limiter.Arrive(Seconds(i)).admitted);
  EXPECT_TRUE(limiter.Arrive(Seconds(61)).admitted);
  EXPECT_EQ(limiter.peak(), 61u);
}

TEST(SlidingLimiter, WithoutALimitAllPassAndThePeakIsKept) {
  SlidingLimiter limiter(0);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(limiter.Arrive(Seconds(5)).admitted);
  EXPECT_TRUE(limiter.Arrive(Seconds(500)).admitted);
  EXPECT_EQ(limiter.peak(), 100u);
}

TEST(SlidingLimiter, AThreadThatComesLateCountsAsSimultaneous) {
  SlidingLimiter limiter(1);
  EXPECT_TRUE(limiter.Arrive(Seconds(100)).admitted);
  EXPECT_FALSE(limiter.Arrive(Seconds(20)).admitted);
  EXPECT_EQ(limiter.peak(), 2u);
}

}  // namespace
}  // namespace penstock::sandbox
