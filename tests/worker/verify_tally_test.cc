// SPDX-License-Identifier: Apache-2.0
#include "worker/verify_tally.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "worker/limits.h"

namespace penstock::worker {
namespace {

using destinations::Standing;

destinations::TypedRow Row(uint64_t change, Endpoint endpoint = Endpoint::kConversations) {
  destinations::TypedRow row;
  row.endpoint = endpoint;
  row.values = {absl::StrCat("id-", change)};
  row.change = change;
  return row;
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

}  // namespace
}  // namespace penstock::worker
