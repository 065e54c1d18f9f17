// SPDX-License-Identifier: Apache-2.0
// The second half of the destinations' contract: rows and connections that make trouble.
#include "absl/strings/str_cat.h"
#include "tests/contracts/destination_contract_builders.h"
#include "tests/contracts/destination_contract_test.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::destinations {

using ::testing::_;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST_P(DestinationContract, OfOneIdInABatchTheNewestStays) {
  ASSERT_OK(destination_->EnsureTables());
  ASSERT_OK_AND_ASSIGN(
      const BatchCounts counts,
      destination_->Upsert({Conversation("a", 1, kTuesday, "HR"), Conversation("b", 2, kMonday, "IT"),
                            Conversation("a", 3, kMonday, "IT"), Conversation("b", 4, kMonday, "HR"),
                            Conversation("a", 5, kTuesday, "LEGAL")},
                           kBeginning, At(5)));
  EXPECT_EQ(counts.written + counts.unchanged, 5u);
  EXPECT_THAT(Conversations(), SizeIs(2));
  EXPECT_EQ(Domain("a"), "LEGAL");
  EXPECT_EQ(Domain("b"), "HR");
}

TEST_P(DestinationContract, OnePoisonRowAmongTenThousandIsSetAsideAndNamed) {
  ASSERT_OK(destination_->EnsureTables());
  warehouse_->RefuseKey(kTable, "CONVERSATION_ID", "c7654");
  std::vector<TypedRow> rows;
  for (uint64_t change = 1; change <= 10'000; ++change) {
    rows.push_back(Conversation(absl::StrCat("c", change), change));
  }
  ASSERT_OK_AND_ASSIGN(const BatchCounts counts, destination_->Upsert(rows, kBeginning, At(10'000)));
  EXPECT_EQ(counts.written, 9'999u);
  EXPECT_EQ(counts.unchanged, 0u);
  EXPECT_EQ(counts.set_aside, 1u);
  EXPECT_THAT(
      warehouse_->Query(absl::StrCat("SELECT count(*), min(PENSTOCK_SEQ), max(PENSTOCK_SEQ) FROM ", kTable)),
      ElementsAre(ElementsAre("9999", "1", "10000")));
  EXPECT_THAT(destination_->ReadCursor(), CursorIs(At(10'000)));

  Reopen();
  ASSERT_OK_AND_ASSIGN(const SetAside set_aside, destination_->ReadSetAside(10));
  EXPECT_EQ(set_aside.total, 1u);
  ASSERT_THAT(set_aside.rows, SizeIs(1));
  EXPECT_EQ(set_aside.rows[0].endpoint, Endpoint::kConversations);
  EXPECT_EQ(set_aside.rows[0].id, "c7654");
  EXPECT_EQ(set_aside.rows[0].change, 7'654u);
  EXPECT_THAT(set_aside.rows[0].reason, HasSubstr("refused by the test"));
  EXPECT_THAT(warehouse_->Query("SELECT ENDPOINT, ID, CHANGE_NUMBER, SET_ASIDE_AT FROM PENSTOCK_SET_ASIDE"),
              ElementsAre(ElementsAre("conversations", "c7654", "7654", "2026-02-25T06:13:20.000Z")));
}

TEST_P(DestinationContract, ASetAsideRowThatLoadsIsSetAsideNoMore) {
  ASSERT_OK(destination_->EnsureTables());
  for (const char* key : {"a", "b"}) warehouse_->RefuseKey(kTable, "CONVERSATION_ID", key);
  ASSERT_OK(destination_->Upsert({Conversation("a", 1)}, kBeginning, At(1)));
  ASSERT_OK(destination_->Upsert({Conversation("b", 2)}, At(1), At(2)));
  EXPECT_EQ(destination_->ReadSetAside(1)->total, 2u);
  EXPECT_THAT(destination_->ReadSetAside(1)->rows, SizeIs(1));

  warehouse_->AcceptKey(kTable, "a");
  EXPECT_THAT(destination_->Upsert({Conversation("a", 3)}, At(2), At(3)), Counts(1, 0));
  ASSERT_OK_AND_ASSIGN(const SetAside set_aside, destination_->ReadSetAside(10));
  ASSERT_THAT(set_aside.rows, SizeIs(1));
  EXPECT_EQ(set_aside.rows[0].id, "b");
  // A newer version that is refused as well is named once.
  ASSERT_OK(destination_->Upsert({Conversation("b", 4), Conversation("c", 5)}, At(3), At(5)));
  ASSERT_OK_AND_ASSIGN(const SetAside after, destination_->ReadSetAside(10));
  ASSERT_THAT(after.rows, SizeIs(1));
  EXPECT_EQ(after.rows[0].change, 4u);
  EXPECT_THAT(Conversations(), SizeIs(2));
}

TEST_P(DestinationContract, NothingIsSetAsideInAFreshWarehouse) {
  ASSERT_OK(destination_->EnsureTables());
  EXPECT_EQ(destination_->ReadSetAside(10)->total, 0u);
}

TEST_P(DestinationContract, AnIdWithNulIsNeverTakenForAnotherOne) {
  ASSERT_OK(destination_->EnsureTables());
  ASSERT_OK_AND_ASSIGN(const BatchCounts counts,
                       destination_->Upsert({Conversation(std::string("a\0b", 3), 1, kMonday, "NUL"),
                                             Conversation("a\xEF\xBF\xBD"
                                                          "b",
                                                          2, kMonday, "U+FFFD")},
                                            kBeginning, At(2)));
  EXPECT_EQ(counts.written, warehouse_->KeepsNul() ? 2u : 1u);
  EXPECT_EQ(counts.set_aside, warehouse_->KeepsNul() ? 0u : 1u);
  EXPECT_EQ(Domain("a\xEF\xBF\xBD"
                   "b"),
            "U+FFFD");
  ASSERT_OK_AND_ASSIGN(const SetAside set_aside, destination_->ReadSetAside(10));
  if (!warehouse_->KeepsNul()) {
    ASSERT_THAT(set_aside.rows, SizeIs(1));
    EXPECT_EQ(set_aside.rows[0].id, "a\\u0000b");
  }
}

TEST_P(DestinationContract, AnIdWithABlankAtItsEndIsNeverTakenForAnotherOne) {
  ASSERT_OK(destination_->EnsureTables());
  ASSERT_OK(destination_->Upsert({Conversation("7", 1, kMonday, "first")}, kBeginning, At(1)));
  ASSERT_OK_AND_ASSIGN(const BatchCounts counts,
                       destination_->Upsert({Conversation("7 ", 2, kTuesday, "second")}, At(1), At(2)));
  EXPECT_EQ(counts.written, warehouse_->KeepsBlanksApart() ? 1u : 0u);
  EXPECT_EQ(counts.set_aside, warehouse_->KeepsBlanksApart() ? 0u : 1u);
  EXPECT_THAT(Conversations(), SizeIs(warehouse_->KeepsBlanksApart() ? 2 : 1));
  EXPECT_THAT(
      warehouse_->Query(absl::StrCat("SELECT PRIMARY_DOMAIN FROM ", kTable, " WHERE PENSTOCK_SEQ = 1")),
      ElementsAre(ElementsAre("first")));
}

// Both outcomes look the same from here, and only the cursor tells them apart.
void ServerContract::LoadAgainAfterALostCommit(bool applied) {
  ASSERT_OK(destination_->EnsureTables());
  const std::unique_ptr<Destination> losing = server().OpenLosingTheCommit(clock_, applied);
  const std::vector<TypedRow> rows = {Conversation("a", 1), Conversation("b", 2)};
  EXPECT_THAT(losing->Upsert(rows, kBeginning, At(2)), StatusIs(absl::StatusCode::kUnavailable, _));
  EXPECT_THAT(Conversations(), SizeIs(applied ? 2 : 0));

  // Over a new connection, as the next load does it.
  ASSERT_OK_AND_ASSIGN(const LoadCursor cursor, losing->ReadCursor());
  EXPECT_EQ(cursor.change, applied ? 2u : 0u);
  EXPECT_THAT(losing->Upsert(rows, cursor, At(2)), Counts(applied ? 0 : 2, applied ? 2 : 0));
  EXPECT_THAT(Conversations(), SizeIs(2));
}

TEST_P(ServerContract, ALostCommitThatWasAppliedIsFoundInTheCursor) { LoadAgainAfterALostCommit(true); }
TEST_P(ServerContract, ALostCommitThatWasNotAppliedIsDoneAgain) { LoadAgainAfterALostCommit(false); }

TEST_P(ServerContract, AMissingRightIsNamed) {
  ASSERT_OK(destination_->EnsureTables());
  server().TakeInsertAway(kTable);
  const auto denied = StatusIs(absl::StatusCode::kPermissionDenied,
                               AllOf(HasSubstr("INSERT"), HasSubstr(kTable), HasSubstr("GRANT")));
  EXPECT_THAT(destination_->Upsert({Conversation("a", 1)}, kBeginning, At(1)), denied);
  EXPECT_THAT(destination_->Check(), denied);
  EXPECT_THAT(destination_->ReadCursor(), CursorIs(kBeginning));
}

}  // namespace penstock::destinations
