// SPDX-License-Identifier: Apache-2.0
#include "base/instant.h"

#include "tests/fakes/status_matchers.h"

namespace penstock {
namespace {

using ::testing::HasSubstr;

absl::Time At(const char* text) {
  const std::optional<absl::Time> time = ParseStamp(text);
  EXPECT_TRUE(time.has_value()) << text;
  return time.value_or(absl::InfinitePast());
}

TEST(Stamp, ReadsUtcAndOffsetsAsTheSameInstant) {
  EXPECT_EQ(At("2026-03-18T06:02:11Z"), At("2026-03-18T08:02:11+02:00"));
  EXPECT_EQ(At("2026-03-18T00:00:00-00:30"), At("2026-03-18T00:30:00Z"));
}

TEST(Stamp, ReadsUpToNineFractionalDigits) {
  EXPECT_EQ(At("2026-03-18T06:02:11.5Z") - At("2026-03-18T06:02:11Z"), absl::Milliseconds(500));
  EXPECT_EQ(At("2026-03-18T06:02:11.123456789Z") - At("2026-03-18T06:02:11Z"), absl::Nanoseconds(123456789));
}

TEST(Stamp, AnythingElseHasNoInstant) {
  for (const char* text :
       {"", "2026-03-18", "2026-03-18T06:02:11", "2026-03-18 06:02:11Z", "2026-03-18T06:02:11.Z",
        "2026-03-18T06:02:11.1234567890Z", "2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-03-18T24:01:00Z", "2026-03-18T06:02:11z", "2026-03-18T06:02:11+0200", "0000-01-01T00:00:00Z",
        "infinite-future", " 2026-03-18T06:02:11Z", "2026-03-18T06:02:11Z ", "20260-3-18T06:02:11Z"}) {
    EXPECT_FALSE(ParseStamp(text).has_value()) << text;
  }
}

TEST(Stamp, AnOffsetMayNotLeaveTheYears1To9999) {
  EXPECT_FALSE(ParseStamp("0001-01-01T00:00:00+00:01").has_value());
  EXPECT_FALSE(ParseStamp("9999-12-31T23:59:59-00:01").has_value());
  EXPECT_TRUE(ParseStamp("0001-01-01T00:00:00Z").has_value());
  EXPECT_TRUE(ParseStamp("9999-12-31T23:59:59Z").has_value());
}

TEST(FormatStamp, HasExactlyThreeDecimalsAndCutsDownwards) {
  EXPECT_EQ(FormatStamp(At("2026-03-18T06:02:11Z")), "2026-03-18T06:02:11.000Z");
  EXPECT_EQ(FormatStamp(At("2026-03-18T06:02:11.9999Z")), "2026-03-18T06:02:11.999Z");
  EXPECT_EQ(FormatStamp(At("1960-03-18T06:02:11.9999Z")), "1960-03-18T06:02:11.999Z");
  EXPECT_EQ(FormatStamp(At("0042-03-18T06:02:11Z")), "0042-03-18T06:02:11.000Z");
}

TEST(FormatExactStamp, KeepsFinerFractionsInGroupsOfThree) {
  for (const char* text :
       {"2026-03-18T06:02:11.000Z", "2026-03-18T06:02:11.120Z", "2026-03-18T06:02:11.123456Z",
        "2026-03-18T06:02:11.123456789Z", "1960-03-18T06:02:11.123456789Z"}) {
    EXPECT_EQ(FormatExactStamp(At(text)), text);
  }
}

TEST(Date, IsADayOrAnInstant) {
  EXPECT_EQ(*ParseDate("2026-03-18"), At("2026-03-18T00:00:00Z"));
  EXPECT_EQ(*ParseDate("2026-03-18T06:00:00+02:00"), At("2026-03-18T04:00:00Z"));
}

TEST(Date, AnythingElseIsNamedInTheError) {
  for (const char* word : {"yesterday", "2026-3-18", "18.03.2026", "2026-02-30"}) {
    EXPECT_THAT(ParseDate(word), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(word)));
  }
}

TEST(Day, NumbersAreRoundedDownAlsoBefore1970) {
  EXPECT_EQ(DayNumber(At("1970-01-01T00:00:00Z")), 0);
  EXPECT_EQ(DayNumber(At("1969-12-31T23:59:59.999Z")), -1);
  EXPECT_EQ(DayNumber(At("2026-03-18T23:59:59.999Z")), DayNumber(At("2026-03-18T00:00:00Z")));
  EXPECT_EQ(DayStart(DayNumber(At("2026-03-18T13:00:00Z"))), At("2026-03-18T00:00:00Z"));
}

TEST(Day, IsWrittenInUtc) {
  EXPECT_EQ(FormatDay(At("2026-03-18T23:30:00-01:00")), "2026-03-19");
  EXPECT_EQ(FormatMinute(At("2026-03-18T06:02:59Z")), "2026-03-18 06:02");
}

TEST(Span, IsWrittenWithTheUnitAPersonWouldUse) {
  EXPECT_EQ(FormatSpan(absl::ZeroDuration()), "0 s");
  EXPECT_EQ(FormatSpan(absl::Milliseconds(44'700)), "45 s");
  EXPECT_EQ(FormatSpan(absl::Minutes(12)), "12 min");
  EXPECT_EQ(FormatSpan(absl::Minutes(200)), "3 h 20 min");
  EXPECT_EQ(FormatSpan(absl::Hours(9 * 24 + 5)), "9 days");
}

TEST(Span, IsReadWithOneUnit) {
  EXPECT_EQ(*ParseSpan("30s"), absl::Seconds(30));
  EXPECT_EQ(*ParseSpan("15m"), absl::Minutes(15));
  EXPECT_EQ(*ParseSpan("48h"), absl::Hours(48));
  EXPECT_EQ(*ParseSpan("30d"), absl::Hours(720));
}

TEST(Span, AnythingElseIsNamedInTheError) {
  for (const char* word : {"", "s", "30", "-3s", "1.5h", "3w", "99999999999999999999s"}) {
    EXPECT_THAT(ParseSpan(word), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(word)));
  }
}

TEST(Span, ANumberThatWouldOverflowIsRefused) {
  EXPECT_FALSE(ParseSpan("9223372036854775807d").ok());
  EXPECT_FALSE(ParseSpan("9223372036854775807s").ok());
  EXPECT_TRUE(ParseSpan("36500d").ok());
}

}  // namespace
}  // namespace penstock
