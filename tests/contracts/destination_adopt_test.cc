// SPDX-License-Identifier: Apache-2.0
// Tables that another tool made and filled, looked at and taken over.
#include "absl/strings/str_cat.h"
#include "tests/contracts/destination_contract_builders.h"
#include "tests/contracts/destination_contract_test.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::destinations {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr AdoptOptions kLook;
constexpr AdoptOptions kRemove = {.remove_duplicates = true};
constexpr AdoptOptions kBoth = {.remove_duplicates = true, .add_key = true};

FoundTable Of(Endpoint endpoint, const absl::StatusOr<std::vector<FoundTable>>& all) {
  EXPECT_OK(all);
  if (!all.ok()) return {};
  EXPECT_THAT(*all, SizeIs(5));
  for (const FoundTable& table : *all) {
    if (table.endpoint == endpoint) return table;
  }
  ADD_FAILURE() << "not among them";
  return {};
}

FoundTable OfConversations(const absl::StatusOr<std::vector<FoundTable>>& all) {
  const FoundTable found = Of(Endpoint::kConversations, all);
  EXPECT_EQ(found.name, kTable);
  return found;
}

}  // namespace

void AdoptContract::Insert(const std::string& id, const std::string& stamp, const std::string& note) {
  warehouse_->Execute(absl::StrCat("INSERT INTO ", kTable,
                                   "(CONVERSATION_ID, TS_LAST_UPDATED, OWN_NOTE) VALUES(", id, ", ", stamp,
                                   ", '", note, "')"));
}

std::vector<std::string> AdoptContract::Notes() {
  std::vector<std::string> notes;
  for (const auto& row : warehouse_->Query(absl::StrCat("SELECT OWN_NOTE FROM ", kTable, " ORDER BY 1"))) {
    notes.push_back(row[0]);
  }
  return notes;
}

TEST_P(AdoptContract, WhatStandsThereIsReportedAndStays) {
  Insert("'a'", "'2026-03-15T00:00:00Z'", "1");
  Insert("'a'", "'2026-03-16T00:00:00Z'", "2");
  Insert("'a'", "NULL", "3");
  Insert("'b'", "NULL", "4");
  Insert("'b'", "NULL", "5");
  Insert("'c'", "NULL", "6");
  Insert("'C'", "NULL", "7");
  Insert("NULL", "NULL", "8");
  const absl::StatusOr<std::vector<FoundTable>> all = destination_->Adopt(kLook);
  const FoundTable found = OfConversations(all);
  EXPECT_TRUE(found.exists);
  EXPECT_EQ(found.refusal, "");
  EXPECT_FALSE(found.unique_key);
  EXPECT_EQ(found.rows, 8u);
  EXPECT_EQ(found.without_id, 1u);
  EXPECT_EQ(found.duplicate_ids, 2u);
  EXPECT_EQ(found.surplus, 3u);
  ASSERT_THAT(found.examples, SizeIs(2));
  EXPECT_EQ(found.examples[0].id, "a");
  EXPECT_EQ(found.examples[0].rows, 3u);
  EXPECT_THAT(found.missing, Contains("PENSTOCK_SEQ"));
  EXPECT_THAT(found.missing, Not(Contains("CONVERSATION_ID")));
  EXPECT_FALSE(Of(Endpoint::kUsers, all).exists);
  EXPECT_EQ(found.removed, 0u);
  EXPECT_THAT(Notes(), SizeIs(8));
  EXPECT_THAT(destination_->ReadCursor(), CursorIs(kBeginning));
}

TEST_P(AdoptContract, OfEachIdTheNewestRowStays) {
  Insert("'a'", "'2026-03-16T06:02:51.061Z'", "a, older");
  Insert("'a'", "'2026-03-16T05:30:00-01:00'", "a, newest");
  Insert("'a'", "'yesterday'", "a, unreadable");
  Insert("'a'", "NULL", "a, without a stamp");
  Insert("'b'", "'2026-03-16T06:02:51Z'", "b, newest");
  Insert("'b'", "'yesterday'", "b, unreadable");
  Insert("'B'", "NULL", "another B");
  Insert("NULL", "NULL", "no id");
  Insert("NULL", "NULL", "no id either");
  const FoundTable found = OfConversations(destination_->Adopt(kRemove));
  EXPECT_EQ(found.removed, 4u);
  EXPECT_EQ(found.surplus, 0u);
  EXPECT_THAT(found.examples, IsEmpty());
  EXPECT_EQ(found.rows, 5u);
  EXPECT_FALSE(found.key_added);
  EXPECT_THAT(Notes(), ElementsAre("a, newest", "another B", "b, newest", "no id", "no id either"));
  EXPECT_EQ(OfConversations(destination_->Adopt(kRemove)).removed, 0u) << "and nothing again";
}

TEST_P(AdoptContract, OfEqualStampsTheOneThatWasLoadedLastStays) {
  ASSERT_OK(destination_->EnsureTables());
  ASSERT_OK(destination_->Upsert({Conversation("a", 1)}, kBeginning, At(1)));
  Insert("'a'", "'2026-03-16T06:02:51.061Z'", "of another tool");
  EXPECT_EQ(OfConversations(destination_->Adopt(kRemove)).removed, 1u);
  EXPECT_THAT(Notes(), ElementsAre("<null>"));
  EXPECT_THAT(destination_->ReadCursor(), CursorIs(At(1))) << "loading goes on where it was";
}

TEST_P(AdoptContract, AKeyIsAddedOnlyWhereNoIdIsThereTwice) {
  Insert("'a'", "NULL", "1");
  Insert("'a'", "NULL", "2");
  const FoundTable twice = OfConversations(destination_->Adopt({.add_key = true}));
  EXPECT_FALSE(twice.unique_key);
  EXPECT_FALSE(twice.key_added);
  EXPECT_EQ(twice.surplus, 1u);
  const FoundTable once = OfConversations(destination_->Adopt(kBoth));
  EXPECT_TRUE(once.unique_key);
  EXPECT_TRUE(once.key_added);
  EXPECT_EQ(once.removed, 1u);
  const FoundTable again = OfConversations(destination_->Adopt(kBoth));
  EXPECT_TRUE(again.unique_key);
  EXPECT_FALSE(again.key_added);
  // Loads take the way of a table with a key from now on.
  ASSERT_OK(destination_->EnsureTables());
  EXPECT_THAT(destination_->Upsert({Conversation("a", 1), Conversation("b", 2)}, kBeginning, At(2)),
              Counts(2, 0));
  EXPECT_THAT(destination_->Upsert({Conversation("a", 1), Conversation("b", 2)}, At(2), At(2)), Counts(0, 2));
  EXPECT_EQ(OfConversations(destination_->Adopt(kLook)).surplus, 0u);
}

TEST_P(AdoptContract, OneThatCannotTakeTheRowsIsNamedAndTheOthersAreLookedAt) {
  warehouse_->Execute("CREATE VIEW DATA_API_COPILOT_USERS AS SELECT 1 AS USER_RECORD_ID");
  const absl::StatusOr<std::vector<FoundTable>> all = destination_->Adopt(kBoth);
  const FoundTable found = OfConversations(all);
  EXPECT_EQ(found.refusal, "");
  EXPECT_TRUE(found.key_added);
  EXPECT_NE(Of(Endpoint::kUsers, all).refusal, "");
  EXPECT_FALSE(Of(Endpoint::kUsers, all).key_added);
}

}  // namespace penstock::destinations
