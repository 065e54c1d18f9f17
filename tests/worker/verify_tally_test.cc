// SPDX-License-Identifier: Apache-2.0
#include "worker/verify_tally.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "base/instant.h"
#include "proto/convert.h"
#include "worker/limits.h"

namespace penstock::worker {
namespace {

using destinations::Standing;

v1::Change Row(uint64_t number, Endpoint endpoint = Endpoint::kConversations,
               const std::string& created = "") {
  v1::Change change;
  change.set_number(number);
  change.set_endpoint(ToProto(endpoint));
  change.mutable_row()->set_id(absl::StrCat("id-", number));
  if (!created.empty()) *change.mutable_row()->mutable_created_time() = ToProto(*ParseStamp(created));
  return change;
}

v1::TableComparison Of(const VerifyTally& tally, v1::Endpoint endpoint) {
  const v1::Verification result = tally.Result();
  for (const v1::TableComparison& table : result.tables()) {
    if (table.endpoint() == endpoint) return table;
  }
  ADD_FAILURE() << "no such table";
  return {};
}

TEST(VerifyTally, CountsEachRowOnceAndNamesWhatDiffers) {
  VerifyTally tally(10, {});
  tally.Add({Row(1), Row(2), Row(3), Row(4, Endpoint::kUsers)},
            {Standing::kSame, Standing::kMissing, Standing::kDiffers, Standing::kNewer});
  const v1::TableComparison conversations = Of(tally, v1::CONVERSATIONS);
  EXPECT_EQ(conversations.rows(), 3u);
  EXPECT_EQ(conversations.same(), 1u);
  EXPECT_EQ(conversations.missing(), 1u);
  EXPECT_EQ(conversations.differ(), 1u);
  ASSERT_EQ(conversations.differences_size(), 2);
  EXPECT_EQ(conversations.differences(0).id(), "id-2");
  EXPECT_EQ(conversations.differences(0).kind(), v1::RowDifference::MISSING);
  EXPECT_EQ(conversations.differences(1).change(), 3u);
  EXPECT_EQ(Of(tally, v1::USERS).newer(), 1u);
  EXPECT_EQ(tally.Result().tables_size(), 5);
}

TEST(VerifyTally, WhatComesAfterTheLoadCursorWaits) {
  VerifyTally tally(10, {});
  tally.Add({Row(11), Row(12), Row(13)}, {Standing::kMissing, Standing::kDiffers, Standing::kSame});
  const v1::TableComparison table = Of(tally, v1::CONVERSATIONS);
  EXPECT_EQ(table.waiting(), 2u);
  EXPECT_EQ(table.same(), 1u);
  EXPECT_EQ(table.differences_size(), 0);
}

TEST(VerifyTally, ARowThatWasSetAsideIsNoDifference) {
  VerifyTally tally(10, {{Endpoint::kConversations, "id-3", 3, "too long"}});
  tally.Add({Row(3), Row(4)}, {Standing::kMissing, Standing::kMissing});
  const v1::TableComparison table = Of(tally, v1::CONVERSATIONS);
  EXPECT_EQ(table.set_aside(), 1u);
  EXPECT_EQ(table.missing(), 1u);
}

TEST(VerifyTally, RowsThatOnlyTheDestinationHasAreThoseThatNoRowOfTheStoreExplains) {
  VerifyTally tally(10, {});
  tally.Add({Row(1), Row(2), Row(3)}, {Standing::kSame, Standing::kMissing, Standing::kDiffers});
  tally.AddTable(Endpoint::kConversations, 7);
  tally.AddTable(Endpoint::kUsers, 0);
  EXPECT_EQ(Of(tally, v1::CONVERSATIONS).only_there(), 5u);
  EXPECT_EQ(Of(tally, v1::USERS).only_there(), 0u);
}

TEST(VerifyTally, OfManyDifferencesTheFirstAreNamed) {
  VerifyTally tally(1'000, {});
  for (uint64_t change = 1; change <= 100; ++change) tally.Add({Row(change)}, {Standing::kMissing});
  EXPECT_EQ(Of(tally, v1::CONVERSATIONS).missing(), 100u);
  EXPECT_EQ(Of(tally, v1::CONVERSATIONS).differences_size(), kDifferencesShown);
}

TEST(VerifyTally, DifferencesAreCountedByTheDayThatTheStoreSays) {
  VerifyTally tally(100, {});
  const Endpoint calls = Endpoint::kPluginCalls;
  tally.Add({Row(1, calls, "2026-03-06T00:00:00.000Z"), Row(2, calls, "2026-03-05T23:59:59.999Z"),
             Row(3, calls, "2026-03-05T00:00:00.000Z"), Row(4, calls, "2026-03-04T12:00:00.000Z"),
             Row(5, calls), Row(101, calls, "2026-03-07T12:00:00.000Z"), Row(6, Endpoint::kUsers)},
            {Standing::kDiffers, Standing::kMissing, Standing::kSame, Standing::kSame, Standing::kNewer,
             Standing::kMissing, Standing::kMissing});
  const v1::TableComparison table = Of(tally, v1::PLUGIN_CALLS);
  ASSERT_EQ(table.days_size(), 3) << "neither the equal day nor the one that waits for its load";
  EXPECT_FALSE(table.days(0).has_day());
  EXPECT_EQ(table.days(0).newer(), 1u);
  EXPECT_EQ(FromProto(table.days(1).day()), *ParseDate("2026-03-05"));
  EXPECT_EQ(table.days(1).rows(), 2u);
  EXPECT_EQ(table.days(1).missing(), 1u);
  EXPECT_EQ(FromProto(table.days(2).day()), *ParseDate("2026-03-06"));
  EXPECT_EQ(table.days(2).differ(), 1u);
  EXPECT_EQ(FromProto(table.differences(0).day()), *ParseDate("2026-03-06"));
  EXPECT_FALSE(Of(tally, v1::USERS).days(0).has_day()) << "users are one cell";
  EXPECT_EQ(Of(tally, v1::CONVERSATIONS).days_size(), 0);
}

TEST(VerifyTally, OfManyDaysTheFirstAreTold) {
  VerifyTally tally(10'000, {});
  const absl::Time first = *ParseDate("2020-01-01");
  for (int day = 0; day < kDifferingDaysTold + 5; ++day) {
    tally.Add({Row(static_cast<uint64_t>(day) + 1, Endpoint::kConversations,
                   FormatStamp(first + absl::Hours(24) * day))},
              {Standing::kMissing});
  }
  EXPECT_EQ(Of(tally, v1::CONVERSATIONS).days_size(), kDifferingDaysTold);
}

}  // namespace
}  // namespace penstock::worker
