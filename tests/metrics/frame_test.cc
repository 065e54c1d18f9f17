// SPDX-License-Identifier: Apache-2.0
#include "metrics/frame.h"

#include <gmock/gmock.h>

#include "metrics/request.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::metrics {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int64_t kHour = 3'600'000;

std::vector<std::string> Names(const Frame& frame) {
  std::vector<std::string> names;
  for (const Period& period : frame.periods) names.push_back(period.name);
  return names;
}

TEST(Frames, CutDaysOfTwentyThreeAndTwentyFiveHours) {
  ASSERT_OK_AND_ASSIGN(const Frame spring, MakeFrame("2026-03-28", "2026-03-31", "Europe/Berlin", By::kDay));
  EXPECT_THAT(Names(spring), ElementsAre("2026-03-28", "2026-03-29", "2026-03-30", "total"));
  EXPECT_EQ(spring.days[0].to_ms - spring.days[0].from_ms, 24 * kHour);
  EXPECT_EQ(spring.days[1].to_ms - spring.days[1].from_ms, 23 * kHour);
  EXPECT_EQ(spring.days[1].to_ms, spring.days[2].from_ms);
  ASSERT_OK_AND_ASSIGN(const Frame autumn, MakeFrame("2026-10-25", "2026-10-26", "Europe/Berlin", By::kDay));
  EXPECT_EQ(autumn.days[0].to_ms - autumn.days[0].from_ms, 25 * kHour);
}

TEST(Frames, BeginWeeksOnMondayAndCutTheFirstAndTheLast) {
  ASSERT_OK_AND_ASSIGN(const Frame frame, MakeFrame("2025-12-31", "2026-01-13", "UTC", By::kWeek));
  EXPECT_THAT(Names(frame), ElementsAre("2025-12-29", "2026-01-05", "2026-01-12", "total"));
  EXPECT_EQ(frame.periods[0].to_ms - frame.periods[0].from_ms, 5 * 24 * kHour);
  EXPECT_EQ(frame.periods[2].to_ms - frame.periods[2].from_ms, 24 * kHour);
  EXPECT_EQ(frame.periods[3].from_ms, frame.periods[0].from_ms);
  EXPECT_EQ(frame.periods[3].to_ms, frame.periods[2].to_ms);
}

TEST(Frames, TakeTimesToTheSecondAndCutTheirDays) {
  ASSERT_OK_AND_ASSIGN(const Frame frame,
                       MakeFrame("2026-03-10T22:30:00Z", "2026-03-11T01:00:00Z", "Asia/Kolkata", By::kDay));
  // 04:00 to 06:30 there, of one day.
  EXPECT_THAT(Names(frame), ElementsAre("2026-03-11", "total"));
  EXPECT_EQ(frame.days[0].to_ms - frame.days[0].from_ms, 150 * 60'000);
}

TEST(Frames, LeaveOutADayThatAZoneSkipped) {
  ASSERT_OK_AND_ASSIGN(const Frame frame, MakeFrame("2011-12-29", "2012-01-01", "Pacific/Apia", By::kDay));
  EXPECT_THAT(Names(frame), ElementsAre("2011-12-29", "2011-12-31", "total"));
}

TEST(Frames, AreRowsByUtcDayOnceForThePeriodAndOnceForTheTotal) {
  ASSERT_OK_AND_ASSIGN(const Frame frame, MakeFrame("2026-03-10", "2026-03-11", "Europe/Berlin", By::kMonth));
  const std::string sql = FrameRelations(frame)[0].sql;
  // Berlin's day touches two of UTC: 20521 and 20522 days after 1970.
  EXPECT_THAT(sql, HasSubstr("(20521, '2026-03-10', '2026-03-09', 'total', 1773097200000, 1773183600000)"));
  EXPECT_THAT(sql,
              HasSubstr("(20522, '2026-03-10', '2026-03-09', '2026-03-01', 1773097200000, 1773183600000)"));
}

TEST(Frames, AreTheLastWeekInTheirZoneWhenNothingIsSaid) {
  // Half past midnight in Berlin, on the day after.
  const absl::Time now = absl::FromCivil(absl::CivilMinute(2026, 3, 31, 22, 30), absl::UTCTimeZone());
  const auto times = [&](const std::string& from, const std::string& to, const std::string& zone) {
    const auto question = WithTimes({.name = "mttr", .from = from, .to = to, .zone = zone}, now);
    return question.ok() ? question->from + " " + question->to : std::string(question.status().message());
  };
  EXPECT_EQ(times("", "", "UTC"), "2026-03-24 2026-03-31");
  EXPECT_EQ(times("", "", "Europe/Berlin"), "2026-03-25 2026-04-01");
  EXPECT_EQ(times("", "2026-03-15", "UTC"), "2026-03-08 2026-03-15");
  EXPECT_EQ(times("2026-01-01", "", "UTC"), "2026-01-01 2026-03-31");
  EXPECT_EQ(times("", "2026-03-15T06:00:00Z", "UTC"), "2026-03-08T06:00:00.000Z 2026-03-15T06:00:00Z");
  EXPECT_THAT(times("", "", "Berlin"), HasSubstr("no time zone"));
}

TEST(Frames, RefuseWhatIsNoTime) {
  const auto refusal = [](const char* from, const char* to, const char* zone) {
    return std::string(MakeFrame(from, to, zone, By::kDay).status().message());
  };
  EXPECT_THAT(refusal("2026-3-1", "2026-03-02", "UTC"),
              HasSubstr("--from '2026-3-1' is no day; write YYYY-MM-DD"));
  EXPECT_THAT(refusal("2026-03-01", "2026-02-30", "UTC"), HasSubstr("--to '2026-02-30' is no day"));
  EXPECT_THAT(refusal("2026-03-02", "2026-03-02", "UTC"), HasSubstr("is not after --from"));
  EXPECT_THAT(refusal("1969-03-02", "2026-03-02", "UTC"), HasSubstr("ten years"));
  EXPECT_THAT(refusal("1969-12-30", "1970-03-02", "UTC"), HasSubstr("before 1970"));
  EXPECT_THAT(refusal("2026-03-01", "2026-03-02", "Berlin"), HasSubstr("'Berlin' is no time zone"));
  EXPECT_THAT(refusal("2026-03-01", "2026-03-02", ""), HasSubstr("is no time zone"));
}

}  // namespace
}  // namespace penstock::metrics
