// SPDX-License-Identifier: Apache-2.0
#include "coordinator/split_rule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/instant.h"
#include "coordinator/confirm.h"
#include "coordinator/limits.h"
#include "proto/convert.h"

namespace penstock::coordinator {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

const absl::Time kTop = *ParseDate("2026-03-31");
const absl::Time kHorizon = kTop - absl::Hours(24 * 30);

v1::PermitReport Answered(absl::Duration first_byte, absl::Duration body) {
  v1::PermitReport report;
  report.set_fate(v1::ANSWERED);
  report.set_http_status(200);
  *report.mutable_time_to_first_byte() = ToProto(first_byte);
  *report.mutable_body_time() = ToProto(body);
  return report;
}

TEST(Pace, LittlesLawSaysHowManyChainsRunAtOnce) {
  const std::pair<v1::PermitReport, uint32_t> cases[] = {
      {Answered(absl::Milliseconds(200), absl::ZeroDuration()), 1 + kSpareChains},
      {Answered(absl::Seconds(4), absl::ZeroDuration()), 4 + kSpareChains},
      {Answered(absl::Seconds(1), absl::Seconds(14)), 15 + kSpareChains},
      {Answered(absl::Seconds(30), absl::Seconds(30)), kChainsMax}};
  for (const auto& [report, chains] : cases) {
    Pace pace;
    pace.LearnPage(report);
    EXPECT_EQ(pace.ChainsWanted(60), chains);
  }
}

TEST(Pace, TheBudgetOrTheHandsSetTheRate) {
  Pace pace;
  pace.LearnPage(Answered(absl::Seconds(1), absl::Seconds(14)));
  EXPECT_EQ(pace.PerRequest(60, 16), absl::Seconds(61) / 60);
  EXPECT_EQ(pace.PerRequest(60, 5), absl::Seconds(3));
}

TEST(Split, EveryHandGetsAboutTheSameShare) {
  EXPECT_EQ(PartsOf(100'000, 500, {.wanted = 10, .idle = 9, .records_left = 100'000}), 10u);
  EXPECT_EQ(PartsOf(50'000, 500, {.wanted = 10, .idle = 9, .records_left = 100'000}), 5u);
  EXPECT_EQ(PartsOf(50'000, 500, {.wanted = 10, .idle = 2, .records_left = 100'000}), 3u);
}

TEST(Split, NeitherWithoutIdleHandsNorBelowWhatACutCosts) {
  EXPECT_EQ(PartsOf(50'000, 500, {.wanted = 10, .idle = 0, .records_left = 100'000}), 1u);
  EXPECT_EQ(PartsOf(kPartPagesMin * 500 * 2 - 1, 500, {.wanted = 10, .idle = 9, .records_left = 5'000}), 1u);
  EXPECT_EQ(PartsOf(kPartPagesMin * 500 * 2, 500, {.wanted = 10, .idle = 9, .records_left = 5'000}), 2u);
}

storage::WindowRecord ReadUntil(absl::Time oldest, uint64_t fetched) {
  storage::WindowRecord window;
  *window.mutable_newest_read() = ToProto(kTop);
  *window.mutable_oldest_read() = ToProto(oldest);
  window.set_chain_fetched(fetched);
  return window;
}

TEST(Split, CutsFollowTheDensitySeenSoFar) {
  // A day brought 1,000: 4,000 more will take about four days.
  const storage::WindowRecord window = ReadUntil(kTop - absl::Hours(24), 1000);
  const absl::Time from = kTop - absl::Hours(24);
  EXPECT_THAT(CutsOf(window, from, 4000, 4, kHorizon),
              ::testing::ElementsAre(from - absl::Hours(24), from - absl::Hours(48), from - absl::Hours(72)));
}

TEST(Split, NoCutLiesBelowTheRangeOrWhatTheSourceKeeps) {
  storage::WindowRecord window = ReadUntil(kTop - absl::Hours(24), 10);  // a quiet day: an estimate of years
  for (absl::Time cut : CutsOf(window, kTop - absl::Hours(24), 100'000, 8, kHorizon))
    EXPECT_GT(cut, kHorizon);
  const absl::Time from = kTop - absl::Hours(48);
  *window.mutable_from() = ToProto(from);
  for (absl::Time cut : CutsOf(window, kTop - absl::Hours(24), 100'000, 8, kHorizon)) EXPECT_GT(cut, from);
}

TEST(Split, OneMillisecondCannotBeCut) {
  storage::WindowRecord window = ReadUntil(kTop, 1000);
  *window.mutable_from() = ToProto(kTop);
  EXPECT_THAT(CutsOf(window, kTop + absl::Milliseconds(1), 100'000, 8, kHorizon), IsEmpty());
}

StoredRecords Stored(uint64_t records) {
  StoredRecords stored;
  stored.count = [records](auto, auto) -> absl::StatusOr<uint64_t> { return records; };
  stored.days = []() -> absl::StatusOr<std::vector<store::DayCount>> {
    return std::vector<store::DayCount>{
        {DayNumber(kTop) - 3, 100}, {DayNumber(kTop) - 2, 5000}, {DayNumber(kTop) - 1, 5000}};
  };
  return stored;
}

TEST(Compare, FewerAtTheSourceIsNormal) {
  EXPECT_FALSE((*Compare({}, {}, 100, Stored(200), 500, kTop)).has_value());
  EXPECT_FALSE((*Compare({}, {}, 200, Stored(200), 500, kTop)).has_value());
}

TEST(Compare, ALargeRangeIsHalvedAtMidnightAndASmallOneIsReadAgain) {
  const auto large = *Compare({}, {}, 10'101, Stored(10'100), 500, kTop);
  ASSERT_TRUE(large.has_value());
  EXPECT_EQ(large->middle, kTop - absl::Hours(24));
  const auto small = *Compare({}, {}, 1000, Stored(999), 500, kTop);
  ASSERT_TRUE(small.has_value());
  EXPECT_FALSE(small->middle.has_value());
}

TEST(Compare, WhatIsMostlyMissingIsReadAndNotCounted) {
  const auto shortfall = *Compare({}, {}, 10'000, Stored(5'000), 500, kTop);
  ASSERT_TRUE(shortfall.has_value());
  EXPECT_FALSE(shortfall->middle.has_value());
}

TEST(Compare, WithinADayTheMiddleOfItsHours) {
  const absl::Time from = kTop - absl::Hours(24);
  const auto shortfall = *Compare(from, kTop, 5001, Stored(5000), 500, kTop);
  ASSERT_TRUE(shortfall.has_value());
  EXPECT_EQ(shortfall->middle, kTop - absl::Hours(12));
}

}  // namespace
}  // namespace penstock::coordinator
