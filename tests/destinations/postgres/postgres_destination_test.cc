// SPDX-License-Identifier: Apache-2.0
#include "destinations/postgres/postgres_destination.h"

#include "absl/strings/str_cat.h"
#include "tests/destinations/postgres/postgres_server.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::destinations::postgres {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kUsers[] = "DATA_API_COPILOT_USERS";
const absl::Time kStamp = absl::FromUnixSeconds(1'772'000'000);  // 2026-02-25T06:13:20Z

TypedRow User(const std::string& id, uint64_t change, const std::string& external = "123") {
  TypedRow row;
  row.endpoint = Endpoint::kUsers;
  row.stamp = kStamp;
  row.values = {id,   std::string("12"),  Value(), Value(), Value(),
                true, JsonText{external}, kStamp,  Value(), Value()};
  row.change = change;
  return row;
}

// As the vendor's script makes it, with rows of its own.
TEST(PostgresVendorTables, ATableOfTheVendorsScriptIsTakenOverAsItIs) {
  PostgresServer& server = PostgresServer::Shared();
  const std::string schema = server.NewSchema();
  const std::string in_schema = absl::StrCat("SET ROLE loader; SET search_path TO ", schema, "; ");
  server.Execute(
      in_schema +
      "CREATE TABLE MOVEWORKS_USERS (ID VARCHAR NOT NULL, FIRST_NAME VARCHAR, LAST_NAME VARCHAR, EMAIL_ADDR "
      "VARCHAR, USER_PREFERRED_LANGUAGE VARCHAR, HAS_ACCESS_TO_BOT BOOLEAN, EXTERNAL_IDS VARCHAR, "
      "LAST_UPDATED_AT VARCHAR, FIRST_INTERACTION_AT VARCHAR, LAST_INTERACTION_AT VARCHAR, LOAD_TIMESTAMP "
      "TIMESTAMP DEFAULT now(), PRIMARY KEY (ID)); INSERT INTO MOVEWORKS_USERS(ID, LAST_UPDATED_AT) "
      "VALUES('old', '2026-01-01T00:00:00.000Z'), ('theirs', '2026-01-01T00:00:00.000Z')");
  FakeClock clock;
  PostgresDestination destination(server.Config(schema), clock, absl::Seconds(10), TableNames::kVendor);
  ASSERT_OK(destination.Check());
  ASSERT_OK(destination.EnsureTables());
  ASSERT_OK(destination.Upsert({User("old", 1), User("new", 2)}, {}, {"s", 2}));
  EXPECT_THAT(server.Query(in_schema + "SELECT ID, LAST_UPDATED_AT, EXTERNAL_IDS, PENSTOCK_SEQ FROM "
                                       "MOVEWORKS_USERS WHERE LOAD_TIMESTAMP IS NOT NULL ORDER BY ID"),
              ElementsAre(ElementsAre("new", "2026-02-25T06:13:20.000Z", "123", "2"),
                          ElementsAre("old", "2026-02-25T06:13:20.000Z", "123", "1"),
                          ElementsAre("theirs", "2026-01-01T00:00:00.000Z", "<null>", "<null>")));
  EXPECT_THAT(server.Query(in_schema + "SELECT to_regclass('data_api_copilot_users')"),
              ElementsAre(ElementsAre("<null>")));
}

class Postgres : public ::testing::Test {
 protected:
  void Execute(const std::string& sql) { server_.Execute(InSchema(sql)); }
  std::vector<std::vector<std::string>> Query(const std::string& sql) { return server_.Query(InSchema(sql)); }
  void Create(const std::string& columns) {
    Execute(absl::StrCat("CREATE TABLE ", kUsers, "(", columns, ")"));
  }
  void ExpectRefused(const std::string& what) {
    const auto refused =
        StatusIs(absl::StatusCode::kFailedPrecondition, AllOf(HasSubstr(kUsers), HasSubstr(what)));
    EXPECT_THAT(destination_.Check(), refused);
    EXPECT_THAT(destination_.EnsureTables(), refused);
    EXPECT_THAT(Query(absl::StrCat("SELECT relname FROM pg_class WHERE relnamespace = '", schema_,
                                   "'::regnamespace AND relname LIKE 'penstock%'")),
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
  // The reason why this row, which comes with a good one, was set aside.
  std::string SetAsideReason(const TypedRow& row) {
    EXPECT_OK(destination_.EnsureTables());
    const absl::StatusOr<BatchCounts> counts = destination_.Upsert({User("good", 1), row}, {}, {"s", 2});
    EXPECT_OK(counts);
    if (!counts.ok()) return "";
    EXPECT_EQ(counts->written, 1u);
    EXPECT_EQ(counts->set_aside, 1u);
    const absl::StatusOr<SetAside> set_aside = destination_.ReadSetAside(10);
    EXPECT_OK(set_aside);
    return set_aside.ok() && set_aside->rows.size() == 1 ? set_aside->rows[0].reason : "";
  }

  PostgresServer& server_ = PostgresServer::Shared();
  const std::string schema_ = server_.NewSchema();
  FakeClock clock_;
  PostgresDestination destination_{server_.Config(schema_), clock_};

 private:
  std::string InSchema(const std::string& sql) {
    return absl::StrCat("SET ROLE loader; SET search_path TO ", schema_, "; ", sql);
  }
};

TEST_F(Postgres, HasNativeTypesAndTheGuidesComments) {
  ASSERT_OK(destination_.EnsureTables());
  EXPECT_THAT(
      Query(absl::StrCat("SELECT data_type FROM information_schema.columns WHERE table_schema = '", schema_,
                         "' AND table_name = lower('", kUsers,
                         "') AND column_name IN ('user_record_id', "
                         "'has_access_to_bot', 'data_external_system_id_details', 'ts_last_updated_at', "
                         "'penstock_seq') ORDER BY ordinal_position")),
      ElementsAre(ElementsAre("text"), ElementsAre("boolean"), ElementsAre("jsonb"),
                  ElementsAre("timestamp with time zone"), ElementsAre("bigint")));
  EXPECT_THAT(Query(absl::StrCat("SELECT col_description('", kUsers, "'::regclass, 4)")),
              ElementsAre(ElementsAre("Email address of the user")));
}

TEST_F(Postgres, NulAndHalfSurrogatePairsAreReplacedAndTheirColumnsNamed) {
  TypedRow row = User("u", 1, R"({"a":"x\u0000y","b":"\ud83d","c":"\ud83d\ude00","d":"\\u0000"})");
  row.values[1] = std::string("A\0B", 3);
  row.extra = R"({"org":"\u0000"})";
  EXPECT_EQ(WrittenAgain({row}), 0u);
  EXPECT_THAT(Query(absl::StrCat("SELECT FIRST_NAME, DATA_EXTERNAL_SYSTEM_ID_DETAILS, EXTRA FROM ", kUsers)),
              ElementsAre(ElementsAre(
                  "A\xEF\xBF\xBD"
                  "B",
                  "{\"a\": \"x\xEF\xBF\xBDy\", \"b\": \"\xEF\xBF\xBD\", \"c\": \"\xF0\x9F\x98\x80\", \"d\": "
                  "\"\\\\u0000\"}",
                  "{\"org\": \"\xEF\xBF\xBD\", \"PENSTOCK_REPLACED\": [\"FIRST_NAME\", "
                  "\"DATA_EXTERNAL_SYSTEM_ID_DETAILS\", \"EXTRA\"]}")));
}

TEST_F(Postgres, JsonBeyondTheServersLimitsSetsItsRowAside) {
  EXPECT_THAT(SetAsideReason(User("deep", 2, std::string(200'000, '[') + std::string(200'000, ']'))),
              HasSubstr("stack depth"));
}

TEST_F(Postgres, ANumberBeyondTheServersLimitsSetsItsRowAside) {
  EXPECT_THAT(SetAsideReason(User("large", 2, "1e999999")), HasSubstr("overflow"));
}

TEST_F(Postgres, BytesThatAreNoTextSetTheirRowAside) {
  TypedRow row = User("bytes", 2);
  row.values[1] = std::string("\xFF");
  EXPECT_THAT(SetAsideReason(row), HasSubstr("invalid byte sequence"));
}

TEST_F(Postgres, AColumnThatIsTooShortSetsTheRowAside) {
  Create("USER_RECORD_ID VARCHAR(40) PRIMARY KEY, FIRST_NAME VARCHAR(3)");
  TypedRow row = User("long", 2);
  row.values[1] = std::string("Ludwig");
  EXPECT_THAT(SetAsideReason(row), HasSubstr("too long"));
}

TEST_F(Postgres, AColumnThatMustBeFilledRefusesTheRows) {
  Create("USER_RECORD_ID TEXT PRIMARY KEY, OWN TEXT NOT NULL");
  ASSERT_OK(destination_.EnsureTables());
  EXPECT_THAT(destination_.Upsert({User("a", 1)}, {}, {"s", 1}),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("own")));
}

TEST_F(Postgres, AUniqueKeyIsUsedAsItIs) {
  Create("user_record_id VARCHAR(100) UNIQUE, TS_LAST_UPDATED_AT TIMESTAMPTZ(0)");
  EXPECT_EQ(WrittenAgain({User("a", 1), User("A", 2)}), 0u);
  EXPECT_THAT(Query(absl::StrCat("SELECT FROM pg_index WHERE indrelid = '", kUsers, "'::regclass")),
              SizeIs(1));
}

TEST_F(Postgres, ATableWithoutAKeyGetsAnIndexToFindItsRows) {
  Create("USER_RECORD_ID VARCHAR");
  EXPECT_EQ(WrittenAgain({User("a", 1), User("A", 2)}), 0u);
  EXPECT_THAT(
      Query(absl::StrCat("SELECT indisunique FROM pg_index WHERE indrelid = '", kUsers, "'::regclass")),
      ElementsAre(ElementsAre("0")));
  EXPECT_THAT(Query(absl::StrCat("SELECT FROM ", kUsers)), SizeIs(2));
}

TEST_F(Postgres, AKeyOfMoreThanTheIdAPartialOneOrALateOneIsNoUniqueKey) {
  Create("USER_RECORD_ID TEXT UNIQUE DEFERRABLE, FIRST_NAME TEXT, UNIQUE(USER_RECORD_ID, FIRST_NAME)");
  Execute(absl::StrCat("CREATE UNIQUE INDEX ON ", kUsers, "(USER_RECORD_ID) WHERE FIRST_NAME = 'Ada'"));
  EXPECT_EQ(WrittenAgain({User("a", 1), User("b", 2)}), 0u);
  EXPECT_THAT(Query(absl::StrCat("SELECT FROM ", kUsers)), SizeIs(2));
}

TEST_F(Postgres, TypesOfSomebodyElseAreFilledInTheirOwnForm) {
  Create(
      "USER_RECORD_ID VARCHAR PRIMARY KEY, HAS_ACCESS_TO_BOT VARCHAR(5), DATA_EXTERNAL_SYSTEM_ID_DETAILS "
      "JSON, "
      "TS_LAST_UPDATED_AT VARCHAR, TS_FIRST_INTERACTION_AT TIMESTAMP, TS_LAST_INTERACTION_AT DATE, EXTRA "
      "TEXT");
  ExpectRefused("TS_LAST_INTERACTION_AT has the type date");
  Execute(absl::StrCat("ALTER TABLE ", kUsers, " DROP COLUMN TS_LAST_INTERACTION_AT"));
  TypedRow row = User("a", 1, R"({"b":1, "a":"\u0000"})");
  row.values[8] = kStamp;
  row.extra = R"({"x": 1})";
  EXPECT_EQ(WrittenAgain({row}), 0u);
  EXPECT_THAT(
      Query(absl::StrCat("SELECT HAS_ACCESS_TO_BOT, DATA_EXTERNAL_SYSTEM_ID_DETAILS, TS_LAST_UPDATED_AT, "
                         "TS_FIRST_INTERACTION_AT, EXTRA FROM ",
                         kUsers)),
      ElementsAre(ElementsAre("true", R"({"b":1, "a":"\u0000"})", "2026-02-25T06:13:20.000Z",
                              "2026-02-25 06:13:20", R"({"x": 1})")));
}

TEST_F(Postgres, StampsKeptAsTextAreReadBeforeTheyAreCompared) {
  Create("USER_RECORD_ID TEXT PRIMARY KEY, TS_LAST_UPDATED_AT VARCHAR, FIRST_NAME TEXT");
  const std::vector<std::pair<std::string, bool>> stamps = {{"2026-02-25T06:13:20Z", true},
                                                            {"2026-02-25T07:13:21+01:00", false},
                                                            {"2026-02-25t06:13:20.0000z", true},
                                                            {"2024-02-29T00:00:00Z", true},
                                                            {"2027-02-29T00:00:00Z", true},
                                                            {"2026-99-99T99:99:99Z", true},
                                                            {"tomorrow", true},
                                                            {"infinity", true},
                                                            {"2030-01-01T00:00:00Z", false},
                                                            {"2030-01-01 00:00:00", true}};
  std::vector<TypedRow> rows;
  for (const auto& [stamp, gives_way] : stamps) {
    Execute(absl::StrCat("INSERT INTO ", kUsers, " VALUES('", stamp, "', '", stamp, "', 'theirs')"));
    rows.push_back(User(stamp, rows.size() + 1));
  }
  ASSERT_OK(destination_.EnsureTables());
  ASSERT_OK(destination_.Upsert(rows, {}, {"s", 99}));
  for (const auto& [stamp, gives_way] : stamps) {
    EXPECT_THAT(
        Query(absl::StrCat("SELECT FIRST_NAME FROM ", kUsers, " WHERE USER_RECORD_ID = '", stamp, "'")),
        ElementsAre(ElementsAre(gives_way ? "12" : "theirs")))
        << stamp;
  }
}

TEST_F(Postgres, AKeyThatFoldsCaseIsRefused) {
  Execute("CREATE COLLATION folding (provider = icu, locale = 'und-u-ks-level2', deterministic = false)");
  Create("USER_RECORD_ID TEXT COLLATE folding PRIMARY KEY");
  ExpectRefused("folds case");
}

TEST_F(Postgres, AColumnThatTurnsTextIntoNumbersIsRefused) {
  Create("USER_RECORD_ID TEXT PRIMARY KEY, FIRST_NAME NUMERIC(9,2)");
  ExpectRefused("FIRST_NAME has the type numeric(9,2)");
}

TEST_F(Postgres, AComputedColumnIsRefused) {
  Create("USER_RECORD_ID TEXT PRIMARY KEY, LAST_NAME TEXT GENERATED ALWAYS AS ('x') STORED");
  ExpectRefused("LAST_NAME is a computed column");
}

TEST_F(Postgres, ATableWithoutTheKeyColumnIsRefused) {
  Create("ID TEXT PRIMARY KEY");
  ExpectRefused("no column USER_RECORD_ID");
}

TEST_F(Postgres, AViewIsRefused) {
  Execute(absl::StrCat("CREATE VIEW ", kUsers, " AS SELECT 'x'::text AS USER_RECORD_ID"));
  ExpectRefused("no ordinary table");
}

TEST_F(Postgres, ATypeOrAKeyThatIsChangedUnderTheLoadIsNoticed) {
  EXPECT_EQ(WrittenAgain({User("a", 1)}), 0u);
  Execute(absl::StrCat("ALTER TABLE ", kUsers, " ALTER COLUMN HAS_ACCESS_TO_BOT TYPE VARCHAR"));
  Execute(absl::StrCat("ALTER TABLE ", kUsers, " DROP CONSTRAINT data_api_copilot_users_pkey"));
  ASSERT_OK_AND_ASSIGN(const BatchCounts counts,
                       destination_.Upsert({User("a", 1), User("b", 2)}, {"s", 9}, {"s", 9}));
  EXPECT_EQ(counts.written, 1u);
  EXPECT_EQ(counts.unchanged, 1u);
}

TEST_F(Postgres, APoisonRowIsFoundAlsoWithoutAUniqueKey) {
  Create("USER_RECORD_ID TEXT, FIRST_NAME VARCHAR(3)");
  TypedRow row = User("long", 2);
  row.values[1] = std::string("Ludwig");
  EXPECT_THAT(SetAsideReason(row), HasSubstr("too long"));
}

TEST_F(Postgres, ASessionThatIsEndedIsBegunAgain) {
  ASSERT_OK(destination_.EnsureTables());
  server_.Execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'loader'");
  EXPECT_THAT(destination_.Upsert({User("a", 1)}, {}, {"s", 1}),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("tried again")));
  EXPECT_OK(destination_.Upsert({User("a", 1)}, {}, {"s", 1}));
}

}  // namespace penstock::destinations::postgres
