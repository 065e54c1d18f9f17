// SPDX-License-Identifier: Apache-2.0
#include "worker/retry_after.h"

#include <gtest/gtest.h>

namespace penstock::worker {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'772'000'000);
// Sun, 06 Nov 1994 08:49:37 GMT
const absl::Time kExample = absl::FromUnixSeconds(784'111'777);

std::optional<absl::Duration> RetryAfter(const std::string& value) {
  return ParseRetryAfter({{"retry-after", value}}, kNow);
}

TEST(HttpDate, AllThreeFormsAreRead) {
  EXPECT_EQ(ParseHttpDate("Sun, 06 Nov 1994 08:49:37 GMT"), kExample);
  EXPECT_EQ(ParseHttpDate("Sunday, 06-Nov-94 08:49:37 GMT"), kExample);
  EXPECT_EQ(ParseHttpDate("Sun Nov  6 08:49:37 1994"), kExample);
  EXPECT_EQ(ParseHttpDate(" Sun, 06 Nov 1994 08:49:37 GMT "), kExample);
}

TEST(HttpDate, AnythingElseIsNone) {
  for (const char* odd :
       {"", "now", "784111777", "1994-11-06T08:49:37Z", "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 GMT+1", "Sun, 06 Nov 1994 08:49:37 PST", "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 25:49:37 GMT", "Sun, 06 Nov 94 08:49:37 GMT", "Sunday, 06 Nov-94 08:49:37 GMT",
        "Sun, 06 Nov 10000 08:49:37 GMT", "Sun, 06 Nov 99999999999 08:49:37 GMT", "infinite-future",
        "           infinite-future"}) {
    EXPECT_EQ(ParseHttpDate(odd), std::nullopt) << odd;
  }
}

TEST(RetryAfter, IsANumberOfSeconds) {
  EXPECT_EQ(RetryAfter("30"), absl::Seconds(30));
  EXPECT_EQ(RetryAfter("0"), absl::ZeroDuration());
  EXPECT_EQ(RetryAfter("1000000000"), absl::Seconds(1'000'000'000));
}

TEST(RetryAfter, ADateCountsFromTheServersOwnClock) {
  const std::string at = "Sun, 06 Nov 1994 08:50:37 GMT";
  EXPECT_EQ(ParseRetryAfter({{"retry-after", at}, {"date", "Sun, 06 Nov 1994 08:49:37 GMT"}}, kNow),
            absl::Seconds(60));
  EXPECT_EQ(ParseRetryAfter({{"retry-after", at}}, kExample), absl::Seconds(60));
  EXPECT_EQ(ParseRetryAfter({{"retry-after", at}, {"date", "yesterday"}}, kExample), absl::Seconds(60));
  EXPECT_EQ(ParseRetryAfter({{"retry-after", at}}, kNow), absl::ZeroDuration());
}

TEST(RetryAfter, GarbageSaysNothing) {
  for (const char* odd :
       {"", "-1", "+5", "1.5", "soon", "5 minutes", "0x10", "99999999999999999999", "1e3", "infinite"}) {
    EXPECT_EQ(RetryAfter(odd), std::nullopt) << odd;
  }
  EXPECT_EQ(ParseRetryAfter({}, kNow), std::nullopt);
}

TEST(RetryAfter, TheRateLimitFieldHelpsOut) {
  const auto rate_limit = [](const std::string& value) {
    return ParseRetryAfter({{"ratelimit", value}}, kNow);
  };
  EXPECT_EQ(rate_limit(R"("default";r=0;t=30)"), absl::Seconds(30));
  EXPECT_EQ(rate_limit(R"("burst";r=0;t=5, "minute"; r=0; t=42 , "day";r=100;t=80000)"), absl::Seconds(42));
  for (const char* odd :
       {R"("default";r=50;t=30)", R"("default";t=30)", R"("default";r=0;t=-3)", "limit=100, reset=3", "x"}) {
    EXPECT_EQ(rate_limit(odd), std::nullopt) << odd;
  }
  EXPECT_EQ(ParseRetryAfter({{"retry-after", "7"}, {"ratelimit", R"("default";r=0;t=30)"}}, kNow),
            absl::Seconds(7));
  EXPECT_EQ(ParseRetryAfter({{"retry-after", "soon"}, {"ratelimit", R"("default";r=0;t=30)"}}, kNow),
            absl::Seconds(30));
}

TEST(RetryAfter, AResetIsSecondsOrAnEpoch) {
  EXPECT_EQ(ParseRetryAfter({{"x-ratelimit-reset", "18"}}, kNow), absl::Seconds(18));
  EXPECT_EQ(ParseRetryAfter({{"x-ratelimit-reset", "1772000018"}}, kNow), absl::Seconds(18));
  EXPECT_EQ(ParseRetryAfter({{"x-ratelimit-reset", "1771999999"}}, kNow), absl::ZeroDuration());
  EXPECT_EQ(ParseRetryAfter({{"ratelimit-reset", "4"}, {"x-ratelimit-reset", "18"}}, kNow), absl::Seconds(4));
  EXPECT_EQ(ParseRetryAfter({{"x-ratelimit-reset", "later"}}, kNow), std::nullopt);
}

}  // namespace
}  // namespace penstock::worker
