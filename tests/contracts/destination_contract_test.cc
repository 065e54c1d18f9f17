// SPDX-License-Identifier: Apache-2.0
#include "tests/contracts/destination_contract_test.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "tests/contracts/destination_contract_builders.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::destinations {

using ::testing::_;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

void DestinationContract::Reopen() {
  destination_.reset();
  destination_ = warehouse_->Open(clock_);
}

std::vector<std::vector<std::string>> DestinationContract::Conversations() {
  return warehouse_->Query(absl::StrCat("SELECT * FROM ", kTable, " ORDER BY CONVERSATION_ID"));
}

std::string DestinationContract::Domain(const std::string& id) {
  const auto rows = warehouse_->Query(
      absl::StrCat("SELECT PRIMARY_DOMAIN FROM ", kTable, " WHERE CONVERSATION_ID = '", id, "'"));
  EXPECT_EQ(rows.size(), 1u) << id;
  return rows.empty() ? "<no row>" : rows[0][0];
}

TEST_P(DestinationContract, AFreshWarehouseHasNoCursor) {
  ASSERT_OK(destination_->Check());
  EXPECT_THAT(destination_->ReadCursor(), CursorIs(kBeginning));
  ASSERT_OK(destination_->EnsureTables());
  EXPECT_THAT(destination_->ReadCursor(), CursorIs(kBeginning));
  ASSERT_OK(destination_->Check());
}

TEST_P(DestinationContract, ALoadPutsRowsAndCursorThereForTheNextProcess) {
  ASSERT_OK(destination_->EnsureTables());
  EXPECT_THAT(destination_->Upsert({Conversation("a", 1), Conversation("b", 3)}, kBeginning, At(3)),
              Counts(2, 0));
  Reopen();
  EXPECT_THAT(destination_->ReadCursor(), CursorIs(At(3)));
  const auto rows = warehouse_->Query(absl::StrCat(
      "SELECT CONVERSATION_ID, TS_LAST_UPDATED, USER_RECORD_ID, TS_CREATED, CONVERSATION_ORIGIN, "
      "PRIMARY_DOMAIN, CONVERSATION_TYPE, DATA_CONVERSATION_DETAILS, EXTRA, PENSTOCK_SEQ FROM ",
      kTable, " ORDER BY CONVERSATION_ID"));
  ASSERT_THAT(rows, SizeIs(2));
  EXPECT_THAT(rows[1], ElementsAre("b", "2026-03-16T06:02:51.061Z", "18446744073709551615",
                                   "2026-03-15T10:02:51.061Z", "DM", "IT", "<null>",
                                   IsJson(R"({"ticket_id": "T-1", "big": 1e400})"), "<null>", "3"));
}

TEST_P(DestinationContract, EveryEndpointHasItsTable) {
  ASSERT_OK(destination_->EnsureTables());
  std::vector<TypedRow> rows;
  for (Endpoint endpoint : kAllEndpoints) {
    TypedRow row;
    row.endpoint = endpoint;
    row.stamp = kMonday;
    row.change = rows.size() + 1;
    for (const Column& column : GuideTable(endpoint).columns) {
      row.values.push_back(column.type == ColumnType::kText        ? Value(column.name)
                           : column.type == ColumnType::kTimestamp ? Value(kMonday)
                           : column.type == ColumnType::kBoolean   ? Value(true)
                                                                   : Value(JsonText{"[1]"}));
    }
    rows.push_back(row);
  }
  EXPECT_THAT(destination_->Upsert(rows, kBeginning, At(5)), Counts(5, 0));
  EXPECT_THAT(warehouse_->Query("SELECT FIRST_NAME, HAS_ACCESS_TO_BOT, DATA_EXTERNAL_SYSTEM_ID_DETAILS, "
                                "TS_LAST_INTERACTION_AT FROM DATA_API_COPILOT_USERS"),
              ElementsAre(ElementsAre("FIRST_NAME", "1", "[1]", "2026-03-16T06:02:51.061Z")));
  EXPECT_THAT(warehouse_->Query("SELECT PLUGIN_NAME FROM DATA_API_PLUGIN_CALLS"), SizeIs(1));
  EXPECT_THAT(warehouse_->Query("SELECT RESOURCE_ID FROM DATA_API_PLUGIN_RESOURCES_V2"), SizeIs(1));
  EXPECT_THAT(warehouse_->Query("SELECT ACTOR FROM DATA_API_INTERACTIONS"), SizeIs(1));
  EXPECT_THAT(destination_->Upsert(rows, At(5), At(5)), Counts(0, 5));
}

TEST_P(DestinationContract, LoadingTheSameAgainChangesNothing) {
  ASSERT_OK(destination_->EnsureTables());
  const std::vector<TypedRow> rows = {Conversation("a", 1), Conversation("b", 2, absl::InfinitePast())};
  ASSERT_THAT(destination_->Upsert(rows, kBeginning, At(2)), Counts(2, 0));
  const auto before = Conversations();

  clock_.Advance(absl::Hours(1));
  ASSERT_OK(destination_->EnsureTables());
  EXPECT_THAT(destination_->Upsert(rows, At(2), At(2)), Counts(0, 2));
  EXPECT_EQ(Conversations(), before) << "PENSTOCK_LOADED_AT included";
  EXPECT_THAT(destination_->ReadCursor(), CursorIs(At(2)));
}

TEST_P(DestinationContract, ALaterStampReplacesTheRow) {
  ASSERT_OK(destination_->EnsureTables());
  ASSERT_OK(destination_->Upsert({Conversation("a", 1, kMonday, "IT")}, kBeginning, At(1)));
  EXPECT_THAT(destination_->Upsert({Conversation("a", 2, kTuesday, Value())}, At(1), At(2)), Counts(1, 0));
  EXPECT_EQ(Domain("a"), "<null>") << "what is null now was not kept from before";
}

TEST_P(DestinationContract, AnOlderStampNeverReplacesANewerOne) {
  ASSERT_OK(destination_->EnsureTables());
  ASSERT_OK(destination_->Upsert({Conversation("a", 1, kTuesday, "HR")}, kBeginning, At(1)));
  EXPECT_THAT(destination_->Upsert({Conversation("a", 2, kMonday, "IT")}, At(1), At(2)), Counts(0, 1));
  EXPECT_THAT(destination_->Upsert({Conversation("a", 3, absl::InfinitePast(), "IT")}, At(2), At(3)),
              Counts(0, 1));
  EXPECT_EQ(Domain("a"), "HR");
  EXPECT_THAT(destination_->ReadCursor(), CursorIs(At(3))) << "the changes were seen all the same";
}

TEST_P(DestinationContract, OfEqualStampsTheLaterChangeStays) {
  ASSERT_OK(destination_->EnsureTables());
  ASSERT_OK(destination_->Upsert(
      {Conversation("a", 1, kMonday, "IT"), Conversation("n", 2, absl::InfinitePast(), "IT")}, kBeginning,
      At(2)));
  EXPECT_THAT(destination_->Upsert(
                  {Conversation("a", 3, kMonday, "HR"), Conversation("n", 4, absl::InfinitePast(), "HR")},
                  At(2), At(4)),
              Counts(2, 0));
  EXPECT_EQ(Domain("a"), "HR");
  EXPECT_EQ(Domain("n"), "HR");
}

TEST_P(DestinationContract, StampsAreComparedAsInstantsNotAsText) {
  ASSERT_OK(destination_->EnsureTables());
  // As text, ".061Z" stands behind ".061001Z".
  const absl::Time finer = kMonday + absl::Microseconds(1);
  ASSERT_OK(destination_->Upsert({Conversation("a", 1, kMonday, "IT")}, kBeginning, At(1)));
  EXPECT_THAT(destination_->Upsert({Conversation("a", 2, finer, "HR")}, At(1), At(2)), Counts(1, 0));
  EXPECT_THAT(destination_->Upsert({Conversation("a", 3, kMonday, "IT")}, At(2), At(3)), Counts(0, 1));
  EXPECT_EQ(Domain("a"), "HR");
}

TEST_P(DestinationContract, ABatchThatFailsInTheMiddleLeavesNothing) {
  ASSERT_OK(destination_->EnsureTables());
  ASSERT_OK(destination_->Upsert({Conversation("a", 1)}, kBeginning, At(1)));
  // More than a poison row: the table refuses.
  for (const char* key : {"c", "d"}) warehouse_->RefuseKey(kTable, "CONVERSATION_ID", key);
  const auto before = Conversations();
  EXPECT_THAT(destination_->Upsert({Conversation("a", 2, kTuesday), Conversation("b", 3),
                                    Conversation("c", 4), Conversation("d", 5)},
                                   At(1), At(5)),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("refused by the test")));
  EXPECT_EQ(Conversations(), before);
  EXPECT_THAT(destination_->ReadCursor(), CursorIs(At(1)));
  EXPECT_THAT(destination_->Upsert({Conversation("b", 3)}, At(1), At(3)), Counts(1, 0))
      << "and others still load";
}

TEST_P(DestinationContract, TheCursorMovesOnlyFromWhereTheLoaderSawIt) {
  ASSERT_OK(destination_->EnsureTables());
  ASSERT_OK(destination_->Upsert({Conversation("a", 1)}, kBeginning, At(1)));
  std::unique_ptr<Destination> other = warehouse_->Open(clock_);
  ASSERT_OK(other->Upsert({Conversation("a", 2, kMonday, "HR")}, At(1), At(2)));

  EXPECT_THAT(destination_->Upsert({Conversation("a", 1, kMonday, "IT"), Conversation("b", 3)}, At(1), At(3)),
              StatusIs(absl::StatusCode::kAborted, HasSubstr("read the cursor again")));
  EXPECT_THAT(destination_->Upsert({Conversation("b", 3)}, kBeginning, At(3)),
              StatusIs(absl::StatusCode::kAborted, HasSubstr("change 2 of store store-a")));
  EXPECT_THAT(destination_->Upsert({}, {"store-b", 2}, At(3)), StatusIs(absl::StatusCode::kAborted, _));
  EXPECT_EQ(Domain("a"), "HR");
  EXPECT_THAT(Conversations(), SizeIs(1));
  EXPECT_THAT(destination_->ReadCursor(), CursorIs(At(2)));
}

TEST_P(DestinationContract, AnEmptyBatchMovesTheCursor) {
  ASSERT_OK(destination_->EnsureTables());
  EXPECT_THAT(destination_->Upsert({}, kBeginning, At(9)), Counts(0, 0));
  EXPECT_THAT(destination_->ReadCursor(), CursorIs(At(9)));
}

TEST_P(DestinationContract, AnotherStoresSequenceNumbersHoldNoRowBack) {
  ASSERT_OK(destination_->EnsureTables());
  ASSERT_OK(
      destination_->Upsert({Conversation("a", 900, kMonday, "IT"), Conversation("b", 901, kTuesday, "HR"),
                            Conversation("c", 902, kMonday, "IT")},
                           kBeginning, At(902)));
  // The other store counts from 1: "a" differs under an equal stamp, "b" is older there, "c" is the same.
  const LoadCursor resynced = {"store-b", 3};
  EXPECT_THAT(destination_->Upsert({Conversation("a", 1, kMonday, "LEGAL"),
                                    Conversation("b", 2, kMonday, "IT"), Conversation("c", 3, kMonday, "IT")},
                                   At(902), resynced),
              Counts(2, 1));
  EXPECT_EQ(Domain("a"), "LEGAL");
  EXPECT_EQ(Domain("b"), "HR");
  EXPECT_THAT(destination_->ReadCursor(), CursorIs(resynced));
  // From here on the new store's numbers hold for what it wrote.
  EXPECT_THAT(warehouse_->Query(absl::StrCat("SELECT PENSTOCK_SEQ FROM ", kTable,
                                             " WHERE CONVERSATION_ID IN ('a', 'c') ORDER BY 1")),
              ElementsAre(ElementsAre("1"), ElementsAre("3")));
  EXPECT_THAT(destination_->Upsert({Conversation("a", 4, kMonday, "IT")}, resynced, {"store-b", 4}),
              Counts(1, 0));
}

TEST_P(DestinationContract, ACursorAheadOfItsStoreCanGoBack) {
  ASSERT_OK(destination_->EnsureTables());
  ASSERT_OK(destination_->Upsert({Conversation("a", 90, kMonday, "IT")}, kBeginning, At(90)));
  EXPECT_THAT(destination_->Upsert({Conversation("a", 2, kMonday, "HR")}, At(90), At(2)), Counts(1, 0));
  EXPECT_EQ(Domain("a"), "HR");
  EXPECT_THAT(destination_->ReadCursor(), CursorIs(At(2)));
}

TEST_P(DestinationContract, LoadingAgainBringsWhatIsMappedDifferentlyNow) {
  ASSERT_OK(destination_->EnsureTables());
  TypedRow row = Conversation("a", 1);
  row.extra = R"({"org":"acme"})";
  ASSERT_OK(destination_->Upsert({row}, kBeginning, At(1)));
  row.extra = "";
  EXPECT_THAT(destination_->Upsert({row}, At(1), At(1)), Counts(1, 0));
  EXPECT_THAT(warehouse_->Query(absl::StrCat("SELECT EXTRA FROM ", kTable)),
              ElementsAre(ElementsAre("<null>")));
}

TEST_P(DestinationContract, UnknownFieldsStandInExtra) {
  ASSERT_OK(destination_->EnsureTables());
  TypedRow row = Conversation("a", 1);
  row.extra = R"({"org":{"n": 12345678901234567890}})";
  ASSERT_OK(destination_->Upsert({row}, kBeginning, At(1)));
  EXPECT_THAT(warehouse_->Query(absl::StrCat("SELECT EXTRA FROM ", kTable)),
              ElementsAre(ElementsAre(IsJson(row.extra))));
}

TEST_P(DestinationContract, IdsThatDifferOnlyInCaseAreDifferentRows) {
  ASSERT_OK(destination_->EnsureTables());
  EXPECT_THAT(destination_->Upsert({Conversation("-aB_xYz01234", 1), Conversation("-Ab_xYz01234", 2),
                                    Conversation("007", 3), Conversation("7", 4)},
                                   kBeginning, At(4)),
              Counts(4, 0));
  EXPECT_THAT(Conversations(), SizeIs(4));
}

TEST_P(DestinationContract, EveryTextComesBackAsItWas) {
  ASSERT_OK(destination_->EnsureTables());
  std::string snippet;
  while (snippet.size() < 3 << 20) snippet += "snippet \xF0\x9F\x98\x80 ";
  const std::vector<std::string> texts = {
      "", " ", "'; DROP TABLE x; --", "caf\xC3\xA9 \xF0\x9F\x98\x80", "line\r\nend\\", snippet};
  std::vector<TypedRow> rows;
  for (const std::string& text : texts) {
    rows.push_back(Conversation(absl::StrCat("id-", rows.size()), rows.size() + 1, kMonday, text));
  }
  ASSERT_THAT(destination_->Upsert(rows, kBeginning, At(rows.size())), Counts(rows.size(), 0));
  for (size_t i = 0; i < texts.size(); ++i) EXPECT_TRUE(Domain(absl::StrCat("id-", i)) == texts[i]) << i;
  EXPECT_THAT(destination_->Upsert(rows, At(rows.size()), At(rows.size())), Counts(0, rows.size()));
}

TEST_P(DestinationContract, NulStaysWhereTheSystemHasIt) {
  ASSERT_OK(destination_->EnsureTables());
  const std::string text("a\0b", 3);
  const std::vector<TypedRow> rows = {Conversation("a", 1, kMonday, text)};
  ASSERT_THAT(destination_->Upsert(rows, kBeginning, At(1)), Counts(1, 0));
  EXPECT_EQ(Domain("a"), warehouse_->KeepsNul() ? text
                                                : "a\xEF\xBF\xBD"
                                                  "b");
  EXPECT_THAT(destination_->Upsert(rows, At(1), At(1)), Counts(0, 1));
}

TEST_P(DestinationContract, ATableDroppedUnderTheLoadIsMadeAgainAndAskedForAgain) {
  ASSERT_OK(destination_->EnsureTables());
  ASSERT_OK(destination_->Upsert({Conversation("a", 1)}, kBeginning, At(1)));
  warehouse_->Execute(absl::StrCat("DROP TABLE ", kTable));

  EXPECT_THAT(destination_->Upsert({Conversation("b", 2)}, At(1), At(2)),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(kTable)));
  ASSERT_OK(destination_->Check());
  ASSERT_OK(destination_->EnsureTables());
  // What was loaded before is not there any more, so the cursor must not say that it is.
  EXPECT_THAT(destination_->ReadCursor(), CursorIs(kBeginning));
  EXPECT_THAT(destination_->Upsert({Conversation("a", 1), Conversation("b", 2)}, kBeginning, At(2)),
              Counts(2, 0));
}

TEST_P(DestinationContract, AColumnThatIsMissingIsAddedAndFilled) {
  ASSERT_OK(destination_->EnsureTables());
  const std::vector<TypedRow> rows = {Conversation("a", 1, kMonday, "IT")};
  ASSERT_OK(destination_->Upsert(rows, kBeginning, At(1)));
  warehouse_->Execute(absl::StrCat("ALTER TABLE ", kTable, " DROP COLUMN PRIMARY_DOMAIN"));
  EXPECT_THAT(destination_->Upsert(rows, At(1), At(1)),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("PRIMARY_DOMAIN")));

  ASSERT_OK(destination_->EnsureTables());
  EXPECT_THAT(destination_->ReadCursor(), CursorIs(kBeginning));
  EXPECT_THAT(destination_->Upsert(rows, kBeginning, At(1)), Counts(1, 0));
  EXPECT_EQ(Domain("a"), "IT");
}

// A table as the guide's reader made it, without keys, and another tool filled it.
constexpr char kGuideColumns[] =
    "(TS_LAST_UPDATED $0, CONVERSATION_ID $0, USER_RECORD_ID $0, TS_CREATED $0, CONVERSATION_ORIGIN $0, "
    "PRIMARY_DOMAIN $0, OWN_NOTE $0)";

ExistingTable::ExistingTable() {
  warehouse_->Execute(
      absl::StrCat("CREATE TABLE ", kTable, absl::Substitute(kGuideColumns, warehouse_->TextType())));
}

void ExistingTable::Insert(const std::string& id, const std::string& stamp) {
  warehouse_->Execute(absl::StrCat("INSERT INTO ", kTable,
                                   "(CONVERSATION_ID, TS_LAST_UPDATED, PRIMARY_DOMAIN, OWN_NOTE) VALUES('",
                                   id, "', ", stamp, ", 'theirs', 'note')"));
}

TEST_P(ExistingTable, KeepsItsRowsAndColumnsAndGetsWhatIsMissing) {
  Insert("x", "'2026-03-16T06:02:51.061Z'");
  ASSERT_OK(destination_->Check());
  ASSERT_OK(destination_->EnsureTables());
  ASSERT_OK(destination_->EnsureTables());
  ASSERT_OK(destination_->Upsert({Conversation("a", 1)}, kBeginning, At(1)));
  EXPECT_THAT(
      warehouse_->Query(absl::StrCat("SELECT CONVERSATION_ID, PRIMARY_DOMAIN, OWN_NOTE, PENSTOCK_SEQ FROM ",
                                     kTable, " ORDER BY 1")),
      ElementsAre(ElementsAre("a", "IT", "<null>", "1"), ElementsAre("x", "theirs", "note", "<null>")));
}

TEST_P(ExistingTable, WithoutAKeyHasEachIdOnceAllTheSame) {
  ASSERT_OK(destination_->EnsureTables());
  EXPECT_THAT(destination_->Upsert({Conversation("a", 1), Conversation("b", 2)}, kBeginning, At(2)),
              Counts(2, 0));
  EXPECT_THAT(destination_->Upsert({Conversation("a", 1), Conversation("b", 2)}, At(2), At(2)), Counts(0, 2));
  EXPECT_THAT(
      destination_->Upsert({Conversation("a", 3, kTuesday, "HR"), Conversation("A", 4)}, At(2), At(4)),
      Counts(2, 0));
  EXPECT_THAT(Conversations(), SizeIs(3));
  EXPECT_EQ(Domain("a"), "HR");
  EXPECT_EQ(Domain("A"), "IT");
}

TEST_P(ExistingTable, DuplicatesAreUpdatedNotMultiplied) {
  Insert("a", "'2026-03-15T00:00:00Z'");
  Insert("a", "'2026-03-15T00:00:00Z'");
  ASSERT_OK(destination_->EnsureTables());
  EXPECT_THAT(destination_->Upsert({Conversation("a", 1)}, kBeginning, At(1)), Counts(1, 0));
  EXPECT_THAT(warehouse_->Query(absl::StrCat("SELECT PRIMARY_DOMAIN, OWN_NOTE, PENSTOCK_SEQ FROM ", kTable)),
              ElementsAre(ElementsAre("IT", "note", "1"), ElementsAre("IT", "note", "1")));
  EXPECT_THAT(destination_->Upsert({Conversation("a", 1)}, At(1), At(1)), Counts(0, 1));
}

TEST_P(ExistingTable, RowsOfAnotherToolGiveWayUnlessTheyAreNewer) {
  Insert("equal", "'2026-03-16T06:02:51.061Z'");
  Insert("equal with an offset", "'2026-03-16T07:02:51.061+01:00'");
  Insert("older", "'2026-03-15T00:00:00Z'");
  Insert("newer", "'2026-03-17T00:00:00Z'");
  Insert("unreadable", "'yesterday'");
  Insert("none", "NULL");
  ASSERT_OK(destination_->EnsureTables());
  std::vector<TypedRow> rows;
  for (const char* id : {"equal", "equal with an offset", "older", "newer", "unreadable", "none"}) {
    rows.push_back(Conversation(id, rows.size() + 1));
  }
  EXPECT_THAT(destination_->Upsert(rows, kBeginning, At(6)), Counts(5, 1));
  EXPECT_EQ(Domain("newer"), "theirs");
  EXPECT_EQ(Domain("none"), "IT");
}

TEST_P(ExistingTable, IsLoadedAtomicallyToo) {
  ASSERT_OK(destination_->EnsureTables());
  for (const char* key : {"b", "c"}) warehouse_->RefuseKey(kTable, "CONVERSATION_ID", key);
  EXPECT_THAT(destination_->Upsert({Conversation("a", 1), Conversation("b", 2), Conversation("c", 3)},
                                   kBeginning, At(3)),
              StatusIs(absl::StatusCode::kFailedPrecondition, _));
  EXPECT_THAT(Conversations(), IsEmpty());
  EXPECT_THAT(destination_->ReadCursor(), CursorIs(kBeginning));
}

}  // namespace penstock::destinations
