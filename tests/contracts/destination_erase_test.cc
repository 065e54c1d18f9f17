// SPDX-License-Identifier: Apache-2.0
// The fourth part of the destinations' contract: rows that were erased.
#include "absl/strings/str_cat.h"
#include "tests/contracts/destination_contract_builders.h"
#include "tests/contracts/destination_contract_test.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::destinations {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_P(EraseContract, AnErasedRowIsDeletedWithTheMoveOfTheCursor) {
  ASSERT_OK(destination_->EnsureTables());
  ASSERT_OK(destination_->Upsert(
      {Conversation("anns", 1), Conversation("Anns", 2), Conversation("bobs", 3, kTuesday)}, kBeginning,
      At(3)));
  EXPECT_THAT(destination_->Upsert({Erased("anns", 5), Erased("bobs", 7)}, At(3), At(7)), Counts(2, 0));
  EXPECT_THAT(Conversations(), SizeIs(1));
  EXPECT_EQ(Domain("Anns"), "IT") << "ids differ in case";
  Reopen();
  EXPECT_THAT(destination_->ReadCursor(), CursorIs(At(7)));
}

TEST_P(EraseContract, WhatIsNotThereIsNoTroubleAndAgainChangesNothing) {
  ASSERT_OK(destination_->EnsureTables());
  ASSERT_OK(destination_->Upsert({Conversation("bobs", 1)}, kBeginning, At(1)));
  const std::vector<TypedRow> rows = {Erased("anns", 2), Erased(std::string("a\0b", 3), 3),
                                      Conversation("cars", 4)};
  EXPECT_THAT(destination_->Upsert(rows, At(1), At(4)), Counts(1, 2));
  const auto before = Conversations();
  EXPECT_THAT(destination_->Upsert(rows, At(4), At(4)), Counts(0, 3));
  EXPECT_EQ(Conversations(), before);
}

TEST_P(EraseContract, ARowThatCameAfterItsErasureStays) {
  ASSERT_OK(destination_->EnsureTables());
  ASSERT_OK(destination_->Upsert({Conversation("anns", 1, kTuesday)}, kBeginning, At(1)));
  ASSERT_OK(destination_->Upsert({Erased("anns", 2), Conversation("anns", 3, kMonday, std::string("HR"))},
                                 At(1), At(3)));
  EXPECT_EQ(Domain("anns"), "HR") << "the stamp of what was erased does not hold it back";
}

TEST_P(EraseContract, NothingIsDeletedForAnotherLoader) {
  ASSERT_OK(destination_->EnsureTables());
  ASSERT_OK(destination_->Upsert({Conversation("anns", 1)}, kBeginning, At(1)));
  EXPECT_THAT(destination_->Upsert({Erased("anns", 2)}, kBeginning, At(2)),
              StatusIs(absl::StatusCode::kAborted, ::testing::_));
  EXPECT_THAT(Conversations(), SizeIs(1));
}

TEST_P(EraseContract, WhatWasSetAsideIsNamedNoMore) {
  ASSERT_OK(destination_->EnsureTables());
  warehouse_->RefuseKey(kTable, "CONVERSATION_ID", "poison");
  ASSERT_OK(destination_->Upsert({Conversation("poison", 1), Conversation("bobs", 2)}, kBeginning, At(2)));
  ASSERT_THAT(destination_->ReadSetAside(9)->rows, SizeIs(1));
  ASSERT_OK(destination_->Upsert({Erased("poison", 3)}, At(2), At(3)));
  EXPECT_THAT(destination_->ReadSetAside(9)->rows, IsEmpty());
}

TEST_P(EraseExistingTable, EveryRowWithTheIdGoes) {
  Insert("twice", "'2026-03-16T06:02:51.061Z'");
  Insert("twice", "'2026-03-17T06:02:51.061Z'");
  Insert("bobs", "'2026-03-17T06:02:51.061Z'");
  ASSERT_OK(destination_->EnsureTables());
  EXPECT_THAT(destination_->Upsert({Erased("twice", 1)}, kBeginning, At(1)), Counts(1, 0));
  EXPECT_THAT(warehouse_->Query(absl::StrCat("SELECT CONVERSATION_ID FROM ", kTable)),
              ElementsAre(ElementsAre("bobs")));
}

}  // namespace penstock::destinations
