// SPDX-License-Identifier: Apache-2.0
// The fifth part of the destinations' contract: statements that only read, and views.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/contracts/destination_contract_builders.h"
#include "tests/contracts/destination_contract_test.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::destinations {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

namespace {

// Longer than anybody waits.
constexpr char kLong[] =
    "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 2000000000) "
    "SELECT COUNT(*) FROM n";
constexpr char kMakeFacts[] =
    "CREATE TABLE $PENSTOCK_FACT_IDS AS SELECT CONVERSATION_ID FROM $DATA_API_COPILOT_CONVERSATIONS";

}  // namespace

absl::StatusOr<std::vector<std::vector<TextRow>>> QueryContract::Ask(const ReadQuery& query) {
  std::vector<std::vector<TextRow>> answers(query.statements.size());
  const absl::Status status = destination_->Query(query, [&](size_t statement, TextRow row) {
    answers[statement].push_back(std::move(row));
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return answers;
}

// The destination looks into no schema that a statement does not name.
std::string QueryContract::In(const std::string& sql) {
  std::string schema;
  if (GetParam().name == "Snowflake") {
    const auto place = warehouse_->Query("SELECT CURRENT_DATABASE(), CURRENT_SCHEMA()");
    schema = absl::StrCat("\"", place[0][0], "\".\"", place[0][1], "\".");
  } else if (GetParam().name == "Postgres") {
    schema = absl::StrCat("\"", warehouse_->Query("SELECT current_schema()")[0][0], "\".");
  }
  return absl::StrReplaceAll(sql, {{"$", schema}});
}

std::string QueryContract::Ids() {
  return In("SELECT CONVERSATION_ID FROM $DATA_API_COPILOT_CONVERSATIONS ORDER BY CONVERSATION_ID");
}

void QueryContract::Load(const std::vector<TypedRow>& rows) {
  ASSERT_OK(destination_->EnsureTables());
  ASSERT_OK(destination_->Upsert(rows, kBeginning, At(rows.size())));
}

TEST_P(QueryContract, EachStatementsRowsComeAsTextAndNullsAsNothing) {
  Load({Conversation("a", 1), Conversation("caf\xC3\xA9", 2, kMonday, Value())});
  const auto answers =
      Ask({.statements = {
               In("SELECT CONVERSATION_ID, PRIMARY_DOMAIN FROM $DATA_API_COPILOT_CONVERSATIONS ORDER BY 1"),
               In("SELECT COUNT(*), '' AS blank FROM $DATA_API_COPILOT_CONVERSATIONS"),
               In("SELECT 1 AS one FROM $DATA_API_COPILOT_CONVERSATIONS WHERE 1 = 0")}});
  ASSERT_TRUE(answers.ok()) << answers.status();
  EXPECT_THAT(*answers, ElementsAre(ElementsAre(TextRow{"a", "IT"}, TextRow{"caf\xC3\xA9", std::nullopt}),
                                    ElementsAre(TextRow{"2", ""}), IsEmpty()));
}

TEST_P(QueryContract, WhatDoesMoreThanReadIsRefusedAndDoesNothing) {
  Load({Conversation("a", 1)});
  for (const std::string sql : {"DELETE FROM DATA_API_COPILOT_CONVERSATIONS",
                                "DROP TABLE DATA_API_COPILOT_CONVERSATIONS", "BEGIN", ""}) {
    EXPECT_THAT(Ask({.statements = {sql}}).status(),
                StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("only reads")))
        << sql;
  }
  EXPECT_THAT(Conversations(), SizeIs(1));
}

TEST_P(QueryContract, AnAnswerThatIsTooLargeIsNoAnswer) {
  Load({Conversation("a", 1), Conversation("b", 2), Conversation("c", 3)});
  EXPECT_OK(Ask({.statements = {Ids()}, .max_rows = 3}).status());
  EXPECT_THAT(Ask({.statements = {Ids()}, .max_rows = 2}).status(),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("more than 2 rows")));
  EXPECT_THAT(Ask({.statements = {Ids(), Ids()}, .max_rows = 5}).status(),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("shorter time or fewer groups")))
      << "all statements together";
  EXPECT_THAT(Ask({.statements = {Ids()}, .max_bytes = 4}).status(),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("KiB")));
  EXPECT_OK(Ask({.statements = {Ids()}}).status()) << "the next one finds the warehouse as it was";
}

TEST_P(QueryContract, WhatIsNotThereIsNamed) {
  Load({});
  EXPECT_THAT(Ask({.statements = {In("SELECT 1 FROM $NOT_THERE")}}).status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("load the destination once")));
  EXPECT_THAT(Ask({.statements = {In("SELECT NOT_THERE FROM $DATA_API_COPILOT_CONVERSATIONS")}}).status(),
              StatusIs(absl::StatusCode::kNotFound, ::testing::_));
  EXPECT_OK(Ask({.statements = {Ids()}}).status());
}

TEST_P(QueryContract, ItEndsWithWhatTheSinkSays) {
  Load({Conversation("a", 1), Conversation("b", 2)});
  const absl::Status enough = destination_->Query(
      {.statements = {Ids()}}, [](size_t, const TextRow&) { return absl::AbortedError("enough"); });
  EXPECT_THAT(enough, StatusIs(absl::StatusCode::kAborted, "enough"));
  EXPECT_OK(Ask({.statements = {Ids()}}).status());
}

TEST_P(QueryContract, ViewsAreMadeAndPutInThePlaceOfOthers) {
  Load({Conversation("a", 1), Conversation("b", 2, kMonday, std::string("HR"))});
  const auto view = [this](const std::string& domain) {
    return std::vector<std::string>{
        In("DROP VIEW IF EXISTS $V_DOMAIN"),
        In(absl::StrCat("CREATE VIEW $V_DOMAIN AS SELECT CONVERSATION_ID FROM "
                        "$DATA_API_COPILOT_CONVERSATIONS WHERE PRIMARY_DOMAIN = '",
                        domain, "'"))};
  };
  ASSERT_OK(destination_->CreateViews(view("IT")));
  ASSERT_OK(destination_->CreateViews(view("HR")));
  const auto answers = Ask({.statements = {In("SELECT * FROM $V_DOMAIN")}});
  ASSERT_TRUE(answers.ok()) << answers.status();
  EXPECT_THAT(*answers, ElementsAre(ElementsAre(TextRow{"b"})));
}

TEST_P(SnapshotContract, FactsAreMadeAllOrNone) {
  Load({Conversation("a", 1), Conversation("b", 2)});
  const std::string make = In(kMakeFacts);
  const std::string ids = In("SELECT CONVERSATION_ID FROM $PENSTOCK_FACT_IDS ORDER BY 1");
  EXPECT_THAT(
      destination_->KeepFacts({.statements = {make, In("CREATE TABLE $OTHERS AS SELECT 1 FROM $NOT_THERE")}}),
      StatusIs(absl::StatusCode::kNotFound, ::testing::_));
  EXPECT_THAT(Ask({.statements = {ids}}).status(), StatusIs(absl::StatusCode::kNotFound, ::testing::_));
  ASSERT_OK(destination_->KeepFacts({.statements = {make}}));
  const auto answers = Ask({.statements = {ids}});
  ASSERT_TRUE(answers.ok()) << answers.status();
  EXPECT_THAT(*answers, ElementsAre(ElementsAre(TextRow{"a"}, TextRow{"b"})));
}

TEST_P(SnapshotContract, FactsThatTakeTooLongOrThatNobodyWantsAreNotMade) {
  Load({Conversation("a", 1)});
  const std::string make = absl::StrCat(In("CREATE TABLE $PENSTOCK_FACT_IDS AS "), kLong);
  EXPECT_THAT(destination_->KeepFacts(
                  {.statements = {make}, .keep_on = [] { return absl::CancelledError("nobody waits"); }}),
              StatusIs(absl::StatusCode::kCancelled, "nobody waits"));
  const auto time_flies = [this] {
    clock_.Advance(absl::Minutes(3));
    return absl::OkStatus();
  };
  EXPECT_THAT(
      destination_->KeepFacts({.statements = {make}, .time = absl::Minutes(2), .keep_on = time_flies}),
      StatusIs(absl::StatusCode::kDeadlineExceeded, ::testing::_));
  EXPECT_THAT(Ask({.statements = {In("SELECT * FROM $PENSTOCK_FACT_IDS")}}).status(),
              StatusIs(absl::StatusCode::kNotFound, ::testing::_));
}

// What a warehouse is not to hold any more must not stand in them either.
TEST_P(SnapshotContract, WithAnErasedRowAndUnderOtherRulesForColumnsGoAllKeptFacts) {
  Load({Conversation("a", 1), Conversation("b", 2)});
  const std::vector<std::string> facts = {In(kMakeFacts),
                                          In("CREATE TABLE $PENSTOCK_FACTS AS SELECT 1 AS one")};
  const auto are_there = [this] {
    const bool ids = Ask({.statements = {In("SELECT * FROM $PENSTOCK_FACT_IDS")}}).ok();
    EXPECT_EQ(Ask({.statements = {In("SELECT * FROM $PENSTOCK_FACTS")}}).ok(), ids);
    return ids;
  };
  ASSERT_OK(destination_->KeepFacts({.statements = facts}));
  ASSERT_OK(destination_->Upsert({Conversation("c", 3)}, At(2), At(3)).status());
  EXPECT_TRUE(are_there());
  TypedRow erased = Conversation("a", 4);
  erased.values = {std::string("a")};
  erased.erased = true;
  ASSERT_OK(destination_->Upsert({erased}, At(3), At(4)).status());
  EXPECT_FALSE(are_there());
  ASSERT_OK(destination_->KeepFacts({.statements = facts}));
  EXPECT_TRUE(are_there());
  LoadCursor other = At(5);
  other.store_id += "+0123456789abcdef";
  ASSERT_OK(destination_->Upsert({Conversation("d", 5)}, At(4), other).status());
  EXPECT_FALSE(are_there());
}

TEST_P(SnapshotContract, AllStatementsSeeTheSame) {
  Load({Conversation("a", 1)});
  std::vector<std::string> seen;
  ASSERT_OK(destination_->Query({.statements = {Ids(), Ids()}}, [&](size_t statement, const TextRow& row) {
    seen.push_back(absl::StrCat(statement, " ", row[0].value_or("?")));
    if (statement == 0) {
      EXPECT_OK(warehouse_->Open(clock_)->Upsert({Conversation("b", 2)}, At(1), At(2)).status());
    }
    return absl::OkStatus();
  }));
  EXPECT_THAT(seen, ElementsAre("0 a", "1 a"));
  EXPECT_THAT(Conversations(), SizeIs(2)) << "the load was not kept waiting";
}

TEST_P(SnapshotContract, TheSystemItselfRefusesToWrite) {
  Load({Conversation("a", 1)});
  const std::string hidden = GetParam().name == "Sqlite"
                                 ? "WITH t AS (SELECT 1) DELETE FROM $DATA_API_COPILOT_CONVERSATIONS"
                                 : "WITH t AS (DELETE FROM $DATA_API_COPILOT_CONVERSATIONS RETURNING 1) "
                                   "SELECT * FROM t";
  EXPECT_THAT(Ask({.statements = {In(hidden)}}).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("only reads")));
  EXPECT_THAT(Conversations(), SizeIs(1));
}

TEST_P(SnapshotContract, ItEndsWhenNobodyWaitsAnyMore) {
  Load({Conversation("a", 1)});
  const auto gone = [] { return absl::CancelledError("the caller has gone"); };
  EXPECT_THAT(Ask({.statements = {kLong}, .keep_on = gone}).status(),
              StatusIs(absl::StatusCode::kCancelled, "the caller has gone"));
  EXPECT_OK(Ask({.statements = {Ids()}}).status());
}

TEST_P(SnapshotContract, ItEndsWhenItsTimeIsOver) {
  Load({Conversation("a", 1)});
  const auto time_flies = [this] {
    clock_.Advance(absl::Minutes(3));
    return absl::OkStatus();
  };
  EXPECT_THAT(Ask({.statements = {kLong}, .time = absl::Minutes(2), .keep_on = time_flies}).status(),
              StatusIs(absl::StatusCode::kDeadlineExceeded, HasSubstr("longer than 2 min")));
  EXPECT_OK(Ask({.statements = {Ids()}}).status());
}

}  // namespace penstock::destinations
