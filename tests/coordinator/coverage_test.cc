// SPDX-License-Identifier: Apache-2.0
#include "coordinator/coverage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "base/instant.h"
#include "proto/convert.h"

namespace penstock::coordinator {
namespace {

using storage::WindowRecord;

const absl::Time kNow = *ParseDate("2026-03-31");
constexpr absl::Duration kRetention = absl::Hours(24 * 30);

WindowRecord Read(std::optional<absl::Time> from, std::optional<absl::Time> to, absl::Time begun) {
  WindowRecord window;
  window.set_state(WindowRecord::DONE);
  if (from) *window.mutable_from() = ToProto(*from);
  if (to) *window.mutable_to() = ToProto(*to);
  *window.mutable_begun() = ToProto(begun);
  return window;
}

std::vector<v1::DayState> States(const CoverageInput& input, absl::string_view first,
                                 absl::string_view last) {
  std::vector<v1::DayState> states;
  for (const v1::DayCoverage& day :
       DayStates(input, DayNumber(*ParseDate(first)), DayNumber(*ParseDate(last)))) {
    states.push_back(day.state());
  }
  return states;
}

// Of a source that cannot count.
CoverageInput Input() {
  CoverageInput input;
  input.now = kNow;
  input.first_contact = kNow - absl::Hours(24 * 2);
  input.retention = kRetention;
  input.publication_lag = absl::Hours(48);
  input.countable = false;
  for (int64_t day = DayNumber(kNow) - 40; day <= DayNumber(kNow); ++day) input.rows.push_back({day, 100});
  return input;
}

TEST(Coverage, ADayReadWholeEarlyIsProvisionalAndLateIsSettled) {
  CoverageInput input = Input();
  const WindowRecord window = Read(std::nullopt, std::nullopt, kNow);
  input.done = {&window};
  EXPECT_THAT(
      States(input, "2026-03-28", "2026-03-31"),
      ::testing::ElementsAre(v1::DAY_SETTLED, v1::DAY_PROVISIONAL, v1::DAY_PROVISIONAL, v1::DAY_PROVISIONAL));
  input.now += absl::Hours(50);  // two days later nothing was read again
  EXPECT_THAT(States(input, "2026-03-30", "2026-04-02"),
              ::testing::ElementsAre(v1::DAY_PROVISIONAL, v1::DAY_MISSING, v1::DAY_MISSING, v1::DAY_MISSING));
}

TEST(Coverage, TodayIsProvisionalAlthoughOlderWindowsWereReadAfterTheNewestOne) {
  CoverageInput input = Input();
  input.now = kNow + absl::Minutes(20);
  const absl::Time cut = *ParseDate("2026-03-20");
  const WindowRecord newest = Read(cut, std::nullopt, kNow + absl::Minutes(12));
  const WindowRecord older = Read(std::nullopt, cut, kNow + absl::Minutes(14));
  input.done = {&newest, &older};
  EXPECT_THAT(States(input, "2026-03-31", "2026-03-31"), ::testing::ElementsAre(v1::DAY_PROVISIONAL));
}

TEST(Coverage, AGapOfAMillisecondIsAGap) {
  CoverageInput input = Input();
  const absl::Time cut = *ParseStamp("2026-03-10T12:00:00.000Z");
  const WindowRecord above = Read(cut + absl::Milliseconds(1), std::nullopt, kNow);
  const WindowRecord below = Read(std::nullopt, cut, kNow);
  input.done = {&above, &below};
  EXPECT_THAT(States(input, "2026-03-09", "2026-03-11"),
              ::testing::ElementsAre(v1::DAY_SETTLED, v1::DAY_MISSING, v1::DAY_SETTLED));
  const WindowRecord whole = Read(cut, std::nullopt, kNow);
  input.done = {&whole, &below};
  EXPECT_THAT(States(input, "2026-03-10", "2026-03-10"), ::testing::ElementsAre(v1::DAY_SETTLED));
}

TEST(Coverage, WhatWasNeverReadIsMissingUntilTheSourceForgetsIt) {
  CoverageInput input = Input();
  input.first_contact = *ParseDate("2026-02-20");
  EXPECT_THAT(
      States(input, "2026-02-26", "2026-03-02"),
      ::testing::ElementsAre(v1::DAY_LOST, v1::DAY_LOST, v1::DAY_LOST, v1::DAY_MISSING, v1::DAY_MISSING));
}

TEST(Coverage, AThinDayIsSuspect) {
  CoverageInput input = Input();
  const WindowRecord window = Read(std::nullopt, std::nullopt, kNow);
  input.done = {&window};
  for (store::DayCount& count : input.rows) {
    if (count.day == DayNumber(*ParseDate("2026-03-10"))) count.rows = 0;
    if (count.day == DayNumber(*ParseDate("2026-03-11"))) count.rows = 19;
    if (count.day == DayNumber(*ParseDate("2026-03-12"))) count.rows = 20;
  }
  EXPECT_THAT(States(input, "2026-03-10", "2026-03-12"),
              ::testing::ElementsAre(v1::DAY_SUSPECT, v1::DAY_SUSPECT, v1::DAY_SETTLED));
}

TEST(Coverage, DaysBeforeFirstContactsRetentionWithoutRowsAreBefore) {
  CoverageInput input = Input();
  input.rows.clear();
  EXPECT_THAT(States(input, "2026-02-25", "2026-02-28"),
              ::testing::ElementsAre(v1::DAY_BEFORE, v1::DAY_BEFORE, v1::DAY_LOST, v1::DAY_LOST));
}

TEST(Coverage, SyncsKeepReadWhatABackfillHasRead) {
  CoverageInput input = Input();
  const WindowRecord backfill = Read(std::nullopt, std::nullopt, kNow);
  input.done = {&backfill};
  input.now = kNow + absl::Hours(100);
  input.sync = {kNow - absl::Minutes(5), kNow + absl::Hours(99)};
  input.rows.push_back({DayNumber(kNow) + 1, 100});
  EXPECT_THAT(States(input, "2026-03-30", "2026-04-04"),
              ::testing::ElementsAre(v1::DAY_SETTLED, v1::DAY_SETTLED, v1::DAY_SETTLED, v1::DAY_PROVISIONAL,
                                     v1::DAY_PROVISIONAL, v1::DAY_PROVISIONAL));
}

TEST(Coverage, ASyncThatBeganLaterThanTheBackfillLeavesAGap) {
  CoverageInput input = Input();
  const WindowRecord backfill = Read(std::nullopt, std::nullopt, kNow);
  input.done = {&backfill};
  input.now = kNow + absl::Hours(100);
  input.sync = {kNow + absl::Hours(30), kNow + absl::Hours(99)};
  EXPECT_THAT(States(input, "2026-03-31", "2026-04-01"),
              ::testing::ElementsAre(v1::DAY_MISSING, v1::DAY_MISSING));
}

WindowRecord Count(std::optional<absl::Time> from, std::optional<absl::Time> to, absl::Time begun,
                   uint64_t counted, uint64_t stored) {
  WindowRecord window = Read(from, to, begun);
  window.set_purpose(WindowRecord::CONFIRM);
  window.set_counted(counted);
  window.set_stored(stored);
  return window;
}

class CountedCoverage : public ::testing::Test {
 protected:
  CountedCoverage() { input_.countable = true; }

  v1::DayState StateOf(absl::string_view day) { return States(input_, day, day)[0]; }

  const WindowRecord read_ = Read(std::nullopt, std::nullopt, kNow);
  const WindowRecord agrees_ = Count(std::nullopt, std::nullopt, kNow + absl::Minutes(1), 4000, 4100);
  const WindowRecord short_ = Count(std::nullopt, std::nullopt, kNow + absl::Minutes(1), 4101, 4100);
  CoverageInput input_ = Input();
};

TEST_F(CountedCoverage, ADaySettlesOnlyWhenACountAgrees) {
  input_.done = {&read_};
  EXPECT_EQ(StateOf("2026-03-20"), v1::DAY_PROVISIONAL);
  input_.counts = {&agrees_};
  EXPECT_EQ(StateOf("2026-03-20"), v1::DAY_SETTLED);
  input_.counts = {&short_};
  EXPECT_EQ(StateOf("2026-03-20"), v1::DAY_SUSPECT);
  EXPECT_EQ(StateOf("2026-03-30"), v1::DAY_SUSPECT);
}

TEST_F(CountedCoverage, TheLastCountOfTheDayDecides) {
  input_.done = {&read_};
  const WindowRecord day =
      Count(*ParseDate("2026-03-20"), *ParseDate("2026-03-21"), kNow + absl::Hours(1), 90, 100);
  input_.counts = {&day, &short_};
  EXPECT_EQ(StateOf("2026-03-20"), v1::DAY_SETTLED);
  EXPECT_EQ(StateOf("2026-03-21"), v1::DAY_SUSPECT);
  EXPECT_EQ(
      FromProto(DayStates(input_, DayNumber(*ParseDate("2026-03-20")), DayNumber(*ParseDate("2026-03-20")))[0]
                    .counted()),
      kNow + absl::Hours(1));
}

TEST_F(CountedCoverage, ACountSaysNothingOfADayThatItCoversInPart) {
  input_.done = {&read_};
  const WindowRecord part = Count(*ParseStamp("2026-03-20T00:00:00.001Z"), std::nullopt, kNow, 90, 100);
  input_.counts = {&part};
  EXPECT_EQ(StateOf("2026-03-20"), v1::DAY_PROVISIONAL);
  EXPECT_EQ(StateOf("2026-03-21"), v1::DAY_SETTLED);
}

TEST_F(CountedCoverage, ACountBeforeEverythingWasPublishedSettlesNothing) {
  input_.now = kNow + absl::Hours(72);
  const WindowRecord late = Read(std::nullopt, std::nullopt, input_.now);
  const WindowRecord early = Count(std::nullopt, std::nullopt, kNow, 4000, 4100);
  input_.done = {&late};
  input_.counts = {&early};
  EXPECT_EQ(StateOf("2026-03-30"), v1::DAY_PROVISIONAL);
  EXPECT_EQ(StateOf("2026-03-20"), v1::DAY_SETTLED);
}

TEST_F(CountedCoverage, AThinDayIsSuspectUntilTheSourceHasForgottenIt) {
  input_.done = {&read_};
  input_.counts = {&agrees_};
  for (store::DayCount& count : input_.rows) {
    if (count.day == DayNumber(*ParseDate("2026-03-02"))) count.rows = 0;
  }
  EXPECT_EQ(StateOf("2026-03-02"), v1::DAY_SUSPECT);
  const int64_t day = DayNumber(*ParseDate("2026-03-02"));
  EXPECT_TRUE(DayStates(input_, day, day)[0].thin());
  input_.counts = {&short_};
  EXPECT_FALSE(DayStates(input_, day, day)[0].thin()) << "the source has more";
  input_.counts = {&agrees_};
  input_.now = *ParseDate("2026-03-03") + kRetention;
  EXPECT_EQ(StateOf("2026-03-02"), v1::DAY_SETTLED);
}

}  // namespace
}  // namespace penstock::coordinator
