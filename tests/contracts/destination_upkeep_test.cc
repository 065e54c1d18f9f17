// SPDX-License-Identifier: Apache-2.0
// The third part of the destinations' contract: comparing what is there with the store, and the coverage.
#include "absl/strings/str_cat.h"
#include "tests/contracts/destination_contract_builders.h"
#include "tests/contracts/destination_contract_test.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::destinations {

using ::testing::_;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_P(UpkeepContract, WhatWasLoadedIsTheSame) {
  ASSERT_OK(destination_->EnsureTables());
  TypedRow full = Conversation("a", 1);
  full.extra = R"({"org":{"n": 12345678901234567890}})";
  const std::vector<TypedRow> rows = {full, Conversation("A", 2, absl::InfinitePast()),
                                      Conversation("nul", 3, kMonday, std::string("a\0b", 3)),
                                      Conversation("caf\xC3\xA9", 4, kTuesday, Value())};
  ASSERT_OK(destination_->Upsert(rows, kBeginning, At(4)));
  EXPECT_THAT(destination_->Compare(rows),
              IsOkAndHolds(ElementsAre(Standing::kSame, Standing::kSame, Standing::kSame, Standing::kSame)));
  EXPECT_THAT(destination_->CountRows(Endpoint::kConversations), IsOkAndHolds(4u));
  EXPECT_THAT(destination_->CountRows(Endpoint::kUsers), IsOkAndHolds(0u));
}

TEST_P(UpkeepContract, WhatIsNotAsInTheStoreIsNamedForWhatItIs) {
  ASSERT_OK(destination_->EnsureTables());
  const std::vector<TypedRow> rows = {Conversation("changed by hand", 1),
                                      Conversation("deleted", 2),
                                      Conversation("same", 3),
                                      Conversation("newer there", 4),
                                      Conversation("older there", 5),
                                      Conversation("changed in extra", 6)};
  ASSERT_OK(destination_->Upsert(rows, kBeginning, At(6)));
  ASSERT_OK(destination_->Upsert({Conversation("newer there", 7, kTuesday)}, At(6), At(7)));
  const auto before = Conversations();
  warehouse_->Execute(absl::StrCat("UPDATE ", kTable,
                                   " SET PRIMARY_DOMAIN = 'HR' WHERE CONVERSATION_ID = 'changed by hand'"));
  warehouse_->Execute(absl::StrCat("DELETE FROM ", kTable, " WHERE CONVERSATION_ID = 'deleted'"));
  std::vector<TypedRow> now = rows;
  now[4] = Conversation("older there", 8, kTuesday);
  now[5].extra = R"({"org":"new"})";
  EXPECT_THAT(destination_->Compare(now),
              IsOkAndHolds(ElementsAre(Standing::kDiffers, Standing::kMissing, Standing::kSame,
                                       Standing::kNewer, Standing::kDiffers, Standing::kDiffers)));
  EXPECT_THAT(destination_->CountRows(Endpoint::kConversations), IsOkAndHolds(5u));
  EXPECT_THAT(destination_->ReadCursor(), CursorIs(At(7))) << "comparing moves nothing";

  // Loading it all again writes what is missing or differs.
  ASSERT_OK(destination_->Upsert(rows, At(7), At(6)));
  EXPECT_EQ(Domain("changed by hand"), "IT");
  EXPECT_THAT(Conversations(), SizeIs(before.size()));
}

TEST_P(UpkeepContract, ComparingManyRowsTellsEachOfThem) {
  ASSERT_OK(destination_->EnsureTables());
  std::vector<TypedRow> rows;
  for (uint64_t change = 1; change <= 3'000; ++change) {
    rows.push_back(Conversation(absl::StrCat("c", change), change));
  }
  ASSERT_OK(destination_->Upsert(rows, kBeginning, At(3'000)));
  warehouse_->Execute(absl::StrCat("DELETE FROM ", kTable, " WHERE PENSTOCK_SEQ = 1234"));
  ASSERT_OK_AND_ASSIGN(const std::vector<Standing> standings, destination_->Compare(rows));
  ASSERT_THAT(standings, SizeIs(3'000));
  for (size_t i = 0; i < standings.size(); ++i) {
    ASSERT_EQ(standings[i], i == 1'233 ? Standing::kMissing : Standing::kSame) << i;
  }
  EXPECT_THAT(destination_->Compare(rows), IsOkAndHolds(SizeIs(3'000))) << "and again";
}

TEST_P(UpkeepContract, ARowThatWasSetAsideIsMissing) {
  ASSERT_OK(destination_->EnsureTables());
  warehouse_->RefuseKey(kTable, "CONVERSATION_ID", "b");
  const std::vector<TypedRow> rows = {Conversation("a", 1), Conversation("b", 2)};
  ASSERT_OK(destination_->Upsert(rows, kBeginning, At(2)));
  EXPECT_THAT(destination_->Compare(rows), IsOkAndHolds(ElementsAre(Standing::kSame, Standing::kMissing)));
}

TEST_P(UpkeepContract, ATableThatIsMissingCannotBeCompared) {
  ASSERT_OK(destination_->EnsureTables());
  warehouse_->Execute(absl::StrCat("DROP TABLE ", kTable));
  EXPECT_THAT(destination_->Compare({Conversation("a", 1)}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(kTable)));
}

TEST_P(UpkeepContract, CoverageIsReplacedAsAWholeWhereTheCursorStands) {
  ASSERT_OK(destination_->EnsureTables());
  ASSERT_OK(destination_->Upsert({Conversation("a", 1)}, kBeginning, At(1)));
  const absl::Time sunday = absl::FromUnixSeconds(1773532800);  // 2026-03-15
  ASSERT_OK(destination_->PutCoverage({{Endpoint::kConversations, sunday, "settled", 12, kMonday},
                                       {Endpoint::kUsers, sunday, "settled", 300, kMonday}},
                                      At(1)));
  const std::string all =
      "SELECT ENDPOINT, DAY, STATE, ROW_COUNT, COUNTED_AT FROM PENSTOCK_COVERAGE ORDER BY 1";
  EXPECT_THAT(
      warehouse_->Query(all),
      ElementsAre(ElementsAre("conversations", "2026-03-15", "settled", "12", "2026-03-16T06:02:51.061Z"),
                  ElementsAre("users", "2026-03-15", "settled", "300", "2026-03-16T06:02:51.061Z")));

  EXPECT_THAT(destination_->PutCoverage({}, At(2)), StatusIs(absl::StatusCode::kAborted, _));
  EXPECT_THAT(warehouse_->Query(all), SizeIs(2)) << "rows it may speak of are not there";
  ASSERT_OK(destination_->PutCoverage({{Endpoint::kConversations, sunday, "missing", 0}}, At(1)));
  EXPECT_THAT(warehouse_->Query(all),
              ElementsAre(ElementsAre("conversations", "2026-03-15", "missing", "0", "<null>")));
  ASSERT_OK(destination_->PutCoverage({}, At(1)));
  EXPECT_THAT(warehouse_->Query(all), IsEmpty());
}

}  // namespace penstock::destinations
