// SPDX-License-Identifier: Apache-2.0
#include "coordinator/sync_rule.h"

#include <gtest/gtest.h>

#include "base/endpoint.h"
#include "base/instant.h"
#include "proto/convert.h"
#include "proto/worker_service.pb.h"

namespace penstock::coordinator {
namespace {

using storage::WindowRecord;

constexpr int kCalls = static_cast<int>(Endpoint::kPluginCalls);
constexpr int kUsers = static_cast<int>(Endpoint::kUsers);
const absl::Time kNow = *ParseStamp("2026-03-20T07:00:05Z");

absl::Time At(const std::string& stamp) { return *ParseStamp(stamp); }
std::string FromOf(const WindowRecord& window) {
  return window.has_from() ? FormatExactStamp(FromProto(window.from())) : "";
}
std::string ToOf(const WindowRecord& window) {
  return window.has_to() ? FormatExactStamp(FromProto(window.to())) : "";
}

class SyncRule : public ::testing::Test {
 protected:
  SyncRule() {
    job_.set_number(7);
    job_.set_source(1);
    facts_.publication_lag = absl::Hours(48);
    facts_.retention = absl::Hours(24 * 30);
    *facts_.known.mutable_watermark() = ToProto(At("2026-03-19T06:02:51.061Z"));
    *facts_.known.mutable_reread() = ToProto(kNow - absl::Hours(24));
    follow_ = Follow(kCalls, At("2026-03-19T06:02:51.061Z"));
    facts_.windows = {&follow_};
  }

  WindowRecord Follow(int endpoint, std::optional<absl::Time> since) {
    return PlanFollow(job_, source_, endpoint, 1001, since, facts_.publication_lag);
  }
  // It was read, and brought so many rows.
  static void Read(WindowRecord& window, uint64_t inserted, const std::string& newest = "") {
    window.set_state(WindowRecord::DONE);
    window.mutable_counts()->set_inserted(inserted);
    if (!newest.empty()) *window.mutable_newest_stamp() = ToProto(At(newest));
  }
  RoundStep Step() { return NextStep(facts_, 1002, kNow); }
  // The recount that follows, answered and agreed.
  WindowRecord Recounted() {
    WindowRecord recount = *Step().due;
    recount.set_state(WindowRecord::DONE);
    return recount;
  }

  storage::JobRecord job_;
  storage::SourceRecord source_;
  RoundFacts facts_;
  WindowRecord follow_;
};

TEST_F(SyncRule, FollowReadsStampsAfterTheWatermarkWithoutAnUpperBound) {
  EXPECT_EQ(FromOf(follow_), "2026-03-19T06:02:51.062Z");
  EXPECT_FALSE(follow_.has_to());
  EXPECT_EQ(follow_.axis(), v1::LAST_UPDATED_TIME);
  EXPECT_EQ(follow_.purpose(), WindowRecord::FOLLOW);
}

TEST_F(SyncRule, AWatermarkWithinAMillisecondReadsItAgain) {
  EXPECT_EQ(FromOf(Follow(kCalls, At("2026-03-19T06:02:51.061500Z"))), "2026-03-19T06:02:51.061Z");
}

TEST_F(SyncRule, WithoutAWatermarkEverythingIsRead) { EXPECT_FALSE(Follow(kCalls, std::nullopt).has_from()); }

TEST_F(SyncRule, WithoutCountsTheTwoDaysBeforeAreReadInstead) {
  (*source_.mutable_traits())[kCalls].set_no_stamp_count(true);
  facts_.traits.set_no_stamp_count(true);
  follow_ = Follow(kCalls, At("2026-03-19T06:02:51.061Z"));
  EXPECT_EQ(FromOf(follow_), "2026-03-17T06:02:51.061Z");
  Read(follow_, 10);
  EXPECT_TRUE(Step().ended.has_value());
}

TEST_F(SyncRule, WithoutFilterEverythingIsReadAndNothingCounted) {
  (*source_.mutable_traits())[kCalls].set_no_filter(true);
  facts_.traits.set_no_filter(true);
  follow_ = Follow(kCalls, At("2026-03-19T06:02:51.061Z"));
  EXPECT_FALSE(follow_.has_from());
  Read(follow_, 10);
  EXPECT_TRUE(Step().ended.has_value());
}

TEST_F(SyncRule, NothingFollowsBeforeAllPagesAreCommitted) {
  for (WindowRecord::State state :
       {WindowRecord::PENDING, WindowRecord::LEASED, WindowRecord::PARKED, WindowRecord::CANCELLED}) {
    follow_.set_state(state);
    const RoundStep step = Step();
    EXPECT_FALSE(step.due.has_value() || step.ended.has_value()) << state;
  }
}

TEST_F(SyncRule, ThenOneCountReachesFromTheMidnightTwoDaysBeforeTheWatermarkToTheNewest) {
  Read(follow_, 10);
  const WindowRecord recount = *Step().due;
  EXPECT_EQ(recount.purpose(), WindowRecord::RECOUNT);
  EXPECT_EQ(FromOf(recount), "2026-03-17T00:00:00.000Z");
  EXPECT_EQ(ToOf(recount), "");
  // 30 days before now lies on 18 February.
  EXPECT_EQ(FormatExactStamp(FromProto(recount.created_from())), "2026-02-19T00:00:00.000Z");
}

TEST_F(SyncRule, WhatIsForgottenWithinHoursIsLeftOutOfTheCountToo) {
  Read(follow_, 10);
  const WindowRecord recount = *NextStep(facts_, 1002, At("2026-03-20T19:00:00Z")).due;
  EXPECT_EQ(FormatExactStamp(FromProto(recount.created_from())), "2026-02-20T00:00:00.000Z");
}

TEST_F(SyncRule, UsersHaveNoCreatedTimeToBeCountedBy) {
  follow_ = Follow(kUsers, At("2026-03-19T06:02:51.061Z"));
  Read(follow_, 10);
  EXPECT_FALSE(Step().due->has_created_from());
}

TEST_F(SyncRule, TheWatermarkMovesToTheGreatestStampOnceAllIsReadAndCounted) {
  Read(follow_, 10, "2026-03-20T06:01:00Z");
  WindowRecord recount = *Step().due;
  facts_.windows.push_back(&recount);
  EXPECT_FALSE(Step().ended.has_value());
  recount.set_state(WindowRecord::DONE);
  WindowRecord reread =
      PlanSpan(follow_, 1003, WindowRecord::REREAD, At("2026-03-17T00:00:00Z"), std::nullopt);
  facts_.windows.push_back(&reread);
  EXPECT_FALSE(Step().ended.has_value());
  Read(reread, 1, "2026-03-20T06:30:00Z");
  const storage::EndpointSync ended = *Step().ended;
  EXPECT_EQ(FormatExactStamp(FromProto(ended.watermark())), "2026-03-20T06:30:00.000Z");
  EXPECT_EQ(ended.job(), 7u);
  EXPECT_EQ(FromProto(ended.finished()), kNow);
  EXPECT_EQ(FromProto(ended.reread()), kNow);
}

class SyncConfirm : public SyncRule {
 protected:
  SyncConfirm() {
    facts_.complete_from = absl::InfinitePast();
    Read(follow_, 0);
    recount_ = Recounted();
    facts_.windows.push_back(&recount_);
  }
  // The count that follows, answered.
  WindowRecord Confirmed(uint64_t counted, uint64_t stored) {
    WindowRecord confirm = *Step().due;
    confirm.set_state(WindowRecord::DONE);
    confirm.set_counted(counted);
    confirm.set_stored(stored);
    return confirm;
  }
  WindowRecord recount_;
};

TEST_F(SyncConfirm, OneCountOfTheDaysThatAreKeptAndEndedTwoDaysAgoEndsARound) {
  const WindowRecord confirm = *Step().due;
  EXPECT_EQ(confirm.purpose(), WindowRecord::CONFIRM);
  EXPECT_EQ(confirm.axis(), v1::CREATED_TIME);
  EXPECT_EQ(FromOf(confirm), "2026-02-19T00:00:00.000Z");
  EXPECT_EQ(ToOf(confirm), "2026-03-18T00:00:00.000Z");
  const WindowRecord agreed = Confirmed(900, 1000);
  facts_.windows.push_back(&agreed);
  EXPECT_TRUE(Step().ended.has_value());
}

TEST_F(SyncConfirm, DaysThatNobodyAskedForAreLeftOut) {
  facts_.complete_from = At("2026-03-10T08:00:00Z");
  EXPECT_EQ(FromOf(*Step().due), "2026-03-11T00:00:00.000Z");
  facts_.complete_from = At("2026-03-17T08:00:00Z");
  EXPECT_TRUE(Step().ended.has_value());
}

TEST_F(SyncConfirm, AShortfallThatWasReadIsCountedAgainThriceAtMost) {
  const WindowRecord first = Confirmed(2, 1);
  facts_.windows.push_back(&first);
  const WindowRecord second = Confirmed(2, 1);
  facts_.windows.push_back(&second);
  const WindowRecord third = Confirmed(2, 1);
  facts_.windows.push_back(&third);
  EXPECT_TRUE(Step().ended.has_value());
}

TEST_F(SyncConfirm, ASourceThatCannotCountIsNotAsked) {
  facts_.traits.set_no_count_path(true);
  EXPECT_TRUE(Step().ended.has_value());
}

TEST_F(SyncRule, AQuietDayOrAnOlderStampLeavesTheWatermarkWhereItIs) {
  for (const char* newest : {"", "2026-03-18T06:00:00Z"}) {
    Read(follow_, 0, newest);
    facts_.windows = {&follow_};
    const WindowRecord recount = Recounted();
    facts_.windows.push_back(&recount);
    EXPECT_EQ(FormatExactStamp(FromProto(Step().ended->watermark())), "2026-03-19T06:02:51.061Z");
  }
}

TEST_F(SyncRule, AParkedWindowKeepsTheWatermark) {
  Read(follow_, 10, "2026-03-20T06:01:00Z");
  WindowRecord recount = Recounted();
  recount.set_state(WindowRecord::PARKED);
  facts_.windows.push_back(&recount);
  EXPECT_FALSE(Step().ended.has_value() || Step().due.has_value());
}

TEST_F(SyncRule, OnceAWeekTheTwoDaysAreReadAgainAlthoughTheirCountAgrees) {
  *facts_.known.mutable_reread() = ToProto(kNow - absl::Hours(24 * 7));
  Read(follow_, 10, "2026-03-20T06:01:00Z");
  const WindowRecord recount = Recounted();
  facts_.windows.push_back(&recount);
  WindowRecord reread = *Step().due;
  EXPECT_EQ(reread.purpose(), WindowRecord::REREAD);
  EXPECT_EQ(FromOf(reread), "2026-03-17T00:00:00.000Z");
  EXPECT_EQ(ToOf(reread), FromOf(follow_));
  Read(reread, 0);
  facts_.windows.push_back(&reread);
  EXPECT_EQ(FromProto(Step().ended->reread()), kNow);
}

TEST_F(SyncRule, AQuietDayIsNotTheDayForIt) {
  *facts_.known.mutable_reread() = ToProto(kNow - absl::Hours(24 * 9));
  Read(follow_, 0);
  const WindowRecord recount = Recounted();
  facts_.windows.push_back(&recount);
  EXPECT_TRUE(Step().ended.has_value());
  EXPECT_EQ(FromProto(Step().ended->reread()), kNow - absl::Hours(24 * 9));
}

TEST_F(SyncRule, TheDaysOfASpanJoinAndTheLastOneIsOpen) {
  Read(follow_, 10);
  WindowRecord recount = Recounted();
  recount.set_counted(5'000);
  const std::vector<WindowRecord> days = PlanDays(recount, 1003, kNow);
  ASSERT_EQ(days.size(), 4u);
  EXPECT_EQ(FromOf(days[0]), FromOf(recount));
  for (size_t i = 0; i < days.size(); ++i) {
    EXPECT_EQ(days[i].number(), 1003 + i);
    EXPECT_EQ(ToOf(days[i]), i + 1 < days.size() ? FromOf(days[i + 1]) : "");
    EXPECT_TRUE(days[i].part());
    EXPECT_EQ(days[i].whole(), 5'000u);
  }
  EXPECT_EQ(FromOf(days[3]), "2026-03-20T00:00:00.000Z");
}

TEST_F(SyncRule, OfAVeryLongSpanTheEarlierDaysAreOnePart) {
  follow_ = Follow(kCalls, At("2025-03-19T06:02:51Z"));
  Read(follow_, 10);
  const std::vector<WindowRecord> days = PlanDays(Recounted(), 1003, kNow);
  ASSERT_EQ(days.size(), 40u);
  EXPECT_EQ(FromOf(days[0]), "2025-03-17T00:00:00.000Z");
  EXPECT_EQ(ToOf(days[0]), "2026-02-10T00:00:00.000Z");
  EXPECT_EQ(FromOf(days[1]), ToOf(days[0]));
  EXPECT_EQ(FromOf(days[39]), "2026-03-20T00:00:00.000Z");
}

}  // namespace
}  // namespace penstock::coordinator
