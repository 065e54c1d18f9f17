// SPDX-License-Identifier: Apache-2.0
#include "base/schedule.h"

#include <gtest/gtest.h>

#include "base/instant.h"
#include "tests/fakes/status_matchers.h"

namespace penstock {
namespace {

using ::testing::HasSubstr;

std::string Next(const std::string& cron, const std::string& zone, const std::string& after) {
  const absl::StatusOr<Schedule> schedule = Schedule::Parse(cron, zone);
  if (!schedule.ok()) return std::string(schedule.status().message());
  return FormatMinute(schedule->Next(*ParseStamp(after)));
}

TEST(ScheduleTest, ADailyTimeIsReadInItsZone) {
  EXPECT_EQ(Next("0 7 * * *", "UTC", "2026-03-01T06:59:59Z"), "2026-03-01 07:00");
  EXPECT_EQ(Next("0 7 * * *", "Europe/Berlin", "2026-03-01T00:00:00Z"), "2026-03-01 06:00");
  EXPECT_EQ(Next("0 7 * * *", "Europe/Berlin", "2026-07-01T00:00:00Z"), "2026-07-01 05:00");
  EXPECT_EQ(Next("30 1 * * *", "Pacific/Auckland", "2026-07-01T13:30:00Z"), "2026-07-02 13:30");
}

TEST(ScheduleTest, TheMomentItselfIsNotNext) {
  EXPECT_EQ(Next("0 7 * * *", "UTC", "2026-03-01T07:00:00Z"), "2026-03-02 07:00");
}

TEST(ScheduleTest, ListsRangesStepsAndNamesAreUnderstood) {
  EXPECT_EQ(Next("*/20 * * * *", "UTC", "2026-03-01T07:41:00Z"), "2026-03-01 08:00");
  EXPECT_EQ(Next("5,50 8-10 * * *", "UTC", "2026-03-01T10:06:00Z"), "2026-03-01 10:50");
  EXPECT_EQ(Next("0 0 * * Mon-Fri", "UTC", "2026-02-27T12:00:00Z"), "2026-03-02 00:00");  // a Friday
  EXPECT_EQ(Next("0 0 * * 7", "UTC", "2026-02-27T12:00:00Z"), "2026-03-01 00:00");
  EXPECT_EQ(Next("0 0 1 jan *", "UTC", "2026-02-27T12:00:00Z"), "2027-01-01 00:00");
  EXPECT_EQ(Next("0 4/6 * * *", "UTC", "2026-02-27T12:00:00Z"), "2026-02-27 16:00");
}

TEST(ScheduleTest, OfTwoRestrictedDaysEitherIsEnough) {
  EXPECT_EQ(Next("0 0 15 * Mon", "UTC", "2026-03-10T00:00:00Z"), "2026-03-15 00:00");
  EXPECT_EQ(Next("0 0 15 * Mon", "UTC", "2026-03-15T00:00:00Z"), "2026-03-16 00:00");
}

TEST(ScheduleTest, TheLeapDayComes) {
  EXPECT_EQ(Next("0 0 29 2 *", "UTC", "2097-01-01T00:00:00Z"), "2104-02-29 00:00");
}

TEST(ScheduleTest, ALocalTimeThatDoesNotExistComesWhenTheClockHasMovedOn) {
  // Berlin, 29 March 2026: 02:00 becomes 03:00 at 01:00 UTC.
  EXPECT_EQ(Next("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z"), "2026-03-29 01:00");
  EXPECT_EQ(Next("30 2 * * *", "Europe/Berlin", "2026-03-29T01:00:00Z"), "2026-03-30 00:30");
}

TEST(ScheduleTest, ALocalTimeThatExistsTwiceComesOnce) {
  // Berlin, 25 October 2026: 03:00 becomes 02:00 at 01:00 UTC.
  EXPECT_EQ(Next("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z"), "2026-10-25 00:30");
  EXPECT_EQ(Next("30 2 * * *", "Europe/Berlin", "2026-10-25T00:30:00Z"), "2026-10-26 01:30");
}

TEST(ScheduleTest, EachDayOfAYearHasItsMomentOnce) {
  for (const char* zone : {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"}) {
    const absl::StatusOr<Schedule> schedule = Schedule::Parse("15 2 * * *", zone);
    ASSERT_OK(schedule);
    absl::Time time = *ParseStamp("2026-01-01T12:00:00Z");
    const absl::Time end = *ParseStamp("2027-01-01T12:00:00Z");
    int moments = 0;
    for (time = schedule->Next(time); time < end; time = schedule->Next(time)) ++moments;
    EXPECT_EQ(moments, 365) << zone;
  }
}

TEST(ScheduleTest, WhatIsWrongIsNamed) {
  const auto expect = [](const std::string& cron, const std::string& zone, const std::string& words) {
    EXPECT_THAT(Schedule::Parse(cron, zone), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(words)));
  };
  expect("0 7 * *", "UTC", "has 4 words");
  expect("60 7 * * *", "UTC", "'60' is no minute");
  expect("0 7-5 * * *", "UTC", "'7-5' is no hour");
  expect("0 7 0 * *", "UTC", "'0' is no day of month");
  expect("0 7 * foo *", "UTC", "'foo' is no month");
  expect("0 7 * * 8", "UTC", "'8' is no day of week");
  expect("*/0 7 * * *", "UTC", "'*/0' is no minute");
  expect("-1 7 * * *", "UTC", "'-1' is no minute");
  expect("0 0 31 2 *", "UTC", "never comes");
  expect("0 7 * * *", "Europe/Berlin2", "'Europe/Berlin2' is no time zone");
  expect("0 7 * * *", "/etc/localtime", "is no time zone");
  expect("0 7 * * *", "", "is no time zone");
}

}  // namespace
}  // namespace penstock
