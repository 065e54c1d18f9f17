// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "destinations/sqlite/sqlite_destination.h"
#include "tests/destinations/sqlite/sqlite_warehouse.h"
#include "tests/fakes/status_matchers.h"

// What stands in the file before Penstock comes, told apart by SQLite's own rules (affinity, collation,
// indexes).

namespace penstock::destinations::sqlite {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kTable[] = "DATA_API_COPILOT_USERS";

TypedRow User(const std::string& id, uint64_t change) {
  TypedRow row;
  row.endpoint = Endpoint::kUsers;
  row.stamp = absl::FromUnixSeconds(1'772'000'000);
  row.values = {id,   std::string("12"), Value(),   Value(), Value(),
                true, JsonText{"123"},   row.stamp, Value(), Value()};
  row.change = change;
  return row;
}

class ExistingSchema : public ::testing::Test {
 protected:
  void Execute(const std::string& sql) { ExecuteSql(file_, sql); }
  void Create(const std::string& columns) {
    Execute(absl::StrCat("CREATE TABLE ", kTable, "(", columns, ")"));
  }
  std::vector<std::vector<std::string>> Query(const std::string& sql) { return QuerySql(file_, sql); }
  void ExpectRefused(const std::string& what) {
    const auto refused =
        StatusIs(absl::StatusCode::kFailedPrecondition, AllOf(HasSubstr(kTable), HasSubstr(what)));
    EXPECT_THAT(destination_.Check(), refused);
    EXPECT_THAT(destination_.EnsureTables(), refused);
    EXPECT_THAT(Query("SELECT name FROM sqlite_schema WHERE name LIKE 'PENSTOCK%' OR name LIKE '%_CALLS'"),
                SizeIs(0))
        << "a refusal leaves nothing behind";
  }
  // Loads twice, and says what the second time wrote.
  uint64_t WrittenAgain(const std::vector<TypedRow>& rows) {
    EXPECT_OK(destination_.EnsureTables());
    EXPECT_OK(destination_.Upsert(rows, {}, {"s", 9}));
    const absl::StatusOr<BatchCounts> again = destination_.Upsert(rows, {"s", 9}, {"s", 9});
    EXPECT_OK(again);
    return again.ok() ? again->written : 0;
  }

  const TemporaryFolder folder_;
  const std::string file_ = folder_ / "warehouse.db";
  FakeClock clock_;
  SqliteDestination destination_{file_, clock_, absl::ZeroDuration()};
};

TEST_F(ExistingSchema, AUniqueKeyIsUsedAsItIs) {
  Create("user_record_id VARCHAR(16777216) UNIQUE, TS_LAST_UPDATED_AT TEXT");
  EXPECT_EQ(WrittenAgain({User("a", 1), User("A", 2)}), 0u);
  EXPECT_THAT(Query(absl::StrCat("SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = '",
                                 kTable, "' AND name LIKE 'PENSTOCK%'")),
              SizeIs(0));
  EXPECT_THAT(Query(absl::StrCat("SELECT user_record_id FROM ", kTable)), SizeIs(2));
}

TEST_F(ExistingSchema, ATableWithoutAKeyGetsAnIndexToFindItsRows) {
  Create("USER_RECORD_ID TEXT");
  EXPECT_EQ(WrittenAgain({User("a", 1)}), 0u);
  const auto plan = Query(absl::StrCat("EXPLAIN QUERY PLAN SELECT 1 FROM ", kTable,
                                       " WHERE \"USER_RECORD_ID\" COLLATE BINARY = 'a'"));
  ASSERT_THAT(plan, SizeIs(1));
  EXPECT_THAT(plan[0].back(), HasSubstr("PENSTOCK_KEY_DATA_API_COPILOT_USERS"));
}

TEST_F(ExistingSchema, AKeyOfMoreThanTheIdIsNoUniqueKey) {
  Create("USER_RECORD_ID TEXT, TS_LAST_UPDATED_AT TEXT, PRIMARY KEY(USER_RECORD_ID, TS_LAST_UPDATED_AT)");
  EXPECT_EQ(WrittenAgain({User("a", 1), User("b", 2)}), 0u);
  EXPECT_THAT(Query(absl::StrCat("SELECT * FROM ", kTable)), SizeIs(2));
}

TEST_F(ExistingSchema, APartialUniqueIndexIsNoUniqueKey) {
  Create("USER_RECORD_ID TEXT, FIRST_NAME TEXT");
  Execute(absl::StrCat("CREATE UNIQUE INDEX some ON ", kTable, "(USER_RECORD_ID) WHERE FIRST_NAME = 'Ada'"));
  EXPECT_EQ(WrittenAgain({User("a", 1)}), 0u);
}

TEST_F(ExistingSchema, TypesOfOtherSystemsCompareAsTheyStore) {
  // SQLite gives VARIANT and BOOLEAN numeric affinity: JSON 123 is kept as a number, in a text column true as
  // '1'.
  Create(
      "USER_RECORD_ID TEXT PRIMARY KEY, DATA_EXTERNAL_SYSTEM_ID_DETAILS VARIANT, HAS_ACCESS_TO_BOT BOOLEAN");
  EXPECT_EQ(WrittenAgain({User("a", 1)}), 0u);
}

TEST_F(ExistingSchema, ABooleanInATextColumnComparesAsItStores) {
  Create("USER_RECORD_ID TEXT PRIMARY KEY, HAS_ACCESS_TO_BOT VARCHAR(5), PENSTOCK_SEQ TEXT");
  EXPECT_EQ(WrittenAgain({User("a", 1)}), 0u);
}

TEST_F(ExistingSchema, AKeyThatFoldsCaseIsRefused) {
  Create("USER_RECORD_ID TEXT COLLATE NOCASE PRIMARY KEY");
  ExpectRefused("NOCASE");
}

TEST_F(ExistingSchema, AFoldingColumnWithoutAUniqueKeyStillKeepsIdsApart) {
  Create("USER_RECORD_ID TEXT COLLATE NOCASE");
  EXPECT_EQ(WrittenAgain({User("a", 1), User("A", 2)}), 0u);
  EXPECT_THAT(Query(absl::StrCat("SELECT * FROM ", kTable)), SizeIs(2));
}

TEST_F(ExistingSchema, AKeyThatTurnsIdsIntoNumbersIsRefused) {
  Create("USER_RECORD_ID INTEGER PRIMARY KEY");
  ExpectRefused("USER_RECORD_ID has the type INTEGER");
}

TEST_F(ExistingSchema, ATextColumnThatTurnsIntoNumbersIsRefused) {
  Create("USER_RECORD_ID TEXT PRIMARY KEY, FIRST_NAME NUMERIC");
  ExpectRefused("FIRST_NAME has the type NUMERIC");
}

TEST_F(ExistingSchema, AComputedColumnIsRefused) {
  Create("USER_RECORD_ID TEXT PRIMARY KEY, EXTRA TEXT AS (USER_RECORD_ID)");
  ExpectRefused("EXTRA is a computed column");
}

TEST_F(ExistingSchema, AComputedProfileColumnIsRefused) {
  Create("USER_RECORD_ID TEXT PRIMARY KEY, LAST_NAME TEXT AS ('x') STORED");
  ExpectRefused("LAST_NAME is a computed column");
}

TEST_F(ExistingSchema, ATableWithoutTheKeyColumnIsRefused) {
  Create("ID TEXT PRIMARY KEY");
  ExpectRefused("no column USER_RECORD_ID");
}

TEST_F(ExistingSchema, AViewIsRefused) {
  Execute(absl::StrCat("CREATE VIEW ", kTable, " AS SELECT 1 AS USER_RECORD_ID"));
  ExpectRefused("it is a view");
}

TEST_F(ExistingSchema, AColumnThatMustBeFilledRefusesTheRows) {
  Create("USER_RECORD_ID TEXT PRIMARY KEY, OWN TEXT NOT NULL");
  ASSERT_OK(destination_.EnsureTables());
  EXPECT_THAT(destination_.Upsert({User("a", 1)}, {}, {"s", 1}),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("OWN")));
}

TEST_F(ExistingSchema, AUniqueIndexDroppedUnderTheLoadIsNoticed) {
  Create("USER_RECORD_ID TEXT");
  Execute(absl::StrCat("CREATE UNIQUE INDEX theirs ON ", kTable, "(USER_RECORD_ID)"));
  EXPECT_EQ(WrittenAgain({User("a", 1)}), 0u);
  Execute("DROP INDEX theirs");
  ASSERT_OK_AND_ASSIGN(const BatchCounts counts,
                       destination_.Upsert({User("a", 1), User("b", 2)}, {"s", 9}, {"s", 9}));
  EXPECT_EQ(counts.written, 1u);
  EXPECT_EQ(counts.unchanged, 1u);
}

}  // namespace penstock::destinations::sqlite
