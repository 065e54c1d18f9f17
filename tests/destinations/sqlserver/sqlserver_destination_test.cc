// SPDX-License-Identifier: Apache-2.0
// What is SQL Server's own, beside the contract that every destination keeps.
#include "destinations/sqlserver/sqlserver_destination.h"

#include <deque>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "destinations/sqlserver/server_error.h"
#include "tests/contracts/destination_contract_builders.h"
#include "tests/destinations/postgres/postgres_server.h"
#include "tests/destinations/sqlserver/tsql_on_postgres.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::destinations::sqlserver {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// Remembers what was sent, and fails as it is told.
struct Wire {
  std::vector<std::string> sent;
  std::deque<int> errors;  // of the next insertions into the table
  bool busy = false;       // another loader makes the tables
};

class Watched final : public Connection {
 public:
  Watched(const SqlserverConfig& config, std::unique_ptr<Connection> connection, Wire* wire)
      : config_(config), connection_(std::move(connection)), wire_(*wire) {}
  absl::StatusOr<Result> Query(const std::string& sql) override {
    wire_.sent.push_back(sql);
    if (wire_.busy && absl::StrContains(sql, "sp_getapplock")) return Result{{{"-1"}}, 0};
    if (!wire_.errors.empty() && absl::StartsWith(sql, "INSERT INTO [")) {
      const int native = wire_.errors.front();
      wire_.errors.pop_front();
      return ServerError(config_, {{"42000", native, "told by the test"}});
    }
    return connection_->Query(sql);
  }
  absl::StatusOr<Result> Query(const std::string& sql, const std::string& json) override {
    wire_.sent.push_back(sql);
    return connection_->Query(sql, json);
  }
  bool lost() const override { return connection_->lost(); }

 private:
  const SqlserverConfig config_;
  const std::unique_ptr<Connection> connection_;
  Wire& wire_;
};

class SqlserverTest : public ::testing::Test {
 protected:
  void Execute(const std::string& sql) { server_.Execute(InSchema(sql)); }
  std::vector<std::vector<std::string>> Query(const std::string& sql) { return server_.Query(InSchema(sql)); }
  size_t Sent(absl::string_view begin) {
    return std::count_if(wire_.sent.begin(), wire_.sent.end(),
                         [&](const std::string& sql) { return absl::StartsWith(sql, begin); });
  }

  PostgresServer& server_ = PostgresServer::Shared();
  const std::string schema_ = server_.NewSchema();
  FakeClock clock_;
  Wire wire_;
  SqlserverDestination destination_{
      OdbcToPostgres(schema_), clock_, absl::Milliseconds(50), TableNames::kGuide,
      [this](const SqlserverConfig& config) -> absl::StatusOr<std::unique_ptr<Connection>> {
        absl::StatusOr<std::unique_ptr<Connection>> opened = OpenTsqlOnPostgres(config);
        if (!opened.ok()) return opened;
        return std::make_unique<Watched>(config, *std::move(opened), &wire_);
      }};

 private:
  std::string InSchema(const std::string& sql) {
    return absl::StrCat("SET ROLE loader; SET search_path TO ", schema_, "; ", sql);
  }
};

TEST_F(SqlserverTest, ABatchIsOneParameterAndThreeStatementsPerTable) {
  ASSERT_OK(destination_.EnsureTables());
  ASSERT_OK(destination_.Upsert({}, kBeginning, At(1)));
  wire_.sent.clear();
  std::vector<TypedRow> rows;
  for (uint64_t change = 2; change <= 2000; ++change)
    rows.push_back(Conversation(absl::StrCat("c", change), change));
  ASSERT_THAT(destination_.Upsert(rows, At(1), At(2000)), Counts(1999, 0));
  EXPECT_EQ(Sent("INSERT INTO #"), 1u);
  EXPECT_EQ(Sent("UPDATE t SET"), 1u);
  EXPECT_EQ(Sent("INSERT INTO ["), 1u);
  EXPECT_EQ(Sent("BEGIN TRANSACTION"), 1u);
  EXPECT_EQ(wire_.sent.back(), "COMMIT TRANSACTION");
}

TEST_F(SqlserverTest, TheStageIsKeptWhileItsTableStaysAsItIs) {
  ASSERT_OK(destination_.EnsureTables());
  ASSERT_OK(destination_.Upsert({Conversation("a", 1)}, kBeginning, At(1)));
  ASSERT_OK(destination_.Upsert({Conversation("b", 2)}, At(1), At(2)));
  EXPECT_EQ(Sent("CREATE TABLE #"), 1u);
  Execute(absl::StrCat("ALTER TABLE ", kTable, " ALTER COLUMN PRIMARY_DOMAIN TYPE varchar(40)"));
  ASSERT_OK(destination_.Upsert({Conversation("c", 3)}, At(2), At(3)));
  EXPECT_EQ(Sent("CREATE TABLE #"), 2u);
}

TEST_F(SqlserverTest, ADeadlockAndARowThatJustAppearedAreTriedAgain) {
  ASSERT_OK(destination_.EnsureTables());
  wire_.errors = {1205, 2627};
  EXPECT_THAT(destination_.Upsert({Conversation("a", 1)}, kBeginning, At(1)), Counts(1, 0));
  EXPECT_EQ(Sent("IF @@TRANCOUNT > 0 ROLLBACK"), 2u);
  wire_.errors = {1205, 1205, 1205};
  EXPECT_THAT(destination_.Upsert({Conversation("b", 2)}, At(1), At(2)),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("tried again")));
  EXPECT_THAT(destination_.ReadCursor(), CursorIs(At(1)));
}

TEST_F(SqlserverTest, AnIdThatNoKeyHoldsIsSetAsideWhole) {
  ASSERT_OK(destination_.EnsureTables());
  const std::string id(851, 'x');
  ASSERT_OK_AND_ASSIGN(const BatchCounts counts,
                       destination_.Upsert({Conversation("a", 1), Conversation(id, 2)}, kBeginning, At(2)));
  EXPECT_EQ(counts.written, 1u);
  EXPECT_EQ(counts.set_aside, 1u);
  ASSERT_OK_AND_ASSIGN(const SetAside set_aside, destination_.ReadSetAside(10));
  ASSERT_THAT(set_aside.rows, SizeIs(1));
  EXPECT_EQ(set_aside.rows[0].id, id);
  EXPECT_THAT(set_aside.rows[0].reason, HasSubstr("too long"));
}

TEST_F(SqlserverTest, OfTwoRowsThatExcludeEachOtherTheLaterOneIsSetAside) {
  ASSERT_OK(destination_.EnsureTables());
  Execute(absl::StrCat("ALTER TABLE ", kTable, " ADD UNIQUE (PRIMARY_DOMAIN)"));
  ASSERT_OK_AND_ASSIGN(const BatchCounts counts, destination_.Upsert({Conversation("a", 1, kMonday, "IT"),
                                                                      Conversation("b", 2, kMonday, "HR"),
                                                                      Conversation("c", 3, kMonday, "IT")},
                                                                     kBeginning, At(3)));
  EXPECT_EQ(counts.written, 2u);
  EXPECT_EQ(counts.set_aside, 1u);
  EXPECT_EQ(destination_.ReadSetAside(1)->rows[0].id, "c");
}

TEST_F(SqlserverTest, BytesThatAreNoTextSetTheirRowAside) {
  ASSERT_OK(destination_.EnsureTables());
  const std::vector<TypedRow> rows = {Conversation("a", 1), Conversation("b", 2, kMonday, "\xFF")};
  ASSERT_OK_AND_ASSIGN(const BatchCounts counts, destination_.Upsert(rows, kBeginning, At(2)));
  EXPECT_EQ(counts.set_aside, 1u);
  EXPECT_THAT(destination_.Compare(rows), IsOkAndHolds(ElementsAre(Standing::kSame, Standing::kMissing)));
  EXPECT_THAT(
      destination_.Upsert({Conversation("c", 3, kMonday, "\xFF"), Conversation("d", 4, kMonday, "\xFF")},
                          At(2), At(4)),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("2 rows of 2 cannot be kept")));
}

TEST_F(SqlserverTest, NulIsReplacedAndItsColumnNamed) {
  ASSERT_OK(destination_.EnsureTables());
  ASSERT_OK(destination_.Upsert({Conversation("a", 1, kMonday, std::string("x\0y", 3))}, kBeginning, At(1)));
  EXPECT_THAT(Query(absl::StrCat("SELECT EXTRA FROM ", kTable)),
              ElementsAre(ElementsAre(R"({"PENSTOCK_REPLACED":["PRIMARY_DOMAIN"]})")));
}

TEST_F(SqlserverTest, TablesThatSomebodyElseHolds) {
  ASSERT_OK(destination_.EnsureTables());
  ASSERT_OK(destination_.Upsert({}, kBeginning, At(1)));
  const auto other = OpenTsqlOnPostgres(OdbcToPostgres(schema_)).value();
  ASSERT_OK_AND_ASSIGN(Transaction theirs, Transaction::Begin(other.get()));
  ASSERT_OK(other->Query(absl::StrCat("LOCK TABLE ", schema_, ".penstock_loads IN EXCLUSIVE MODE")));
  EXPECT_THAT(destination_.Upsert({Conversation("a", 2)}, At(1), At(2)),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("somebody else holds")));
  ASSERT_OK(theirs.Commit());
  EXPECT_THAT(destination_.Upsert({Conversation("a", 2)}, At(1), At(2)), Counts(1, 0));
}

TEST_F(SqlserverTest, TablesThatAnotherLoaderMakesAreWaitedForAndLeftToIt) {
  wire_.busy = true;
  EXPECT_THAT(destination_.EnsureTables(),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("somebody else makes these tables")));
  EXPECT_EQ(Sent("CREATE TABLE"), 0u);
  wire_.busy = false;
  EXPECT_OK(destination_.EnsureTables());
}

TEST_F(SqlserverTest, AMissingSchemaIsNamedOrMade) {
  SqlserverConfig config = OdbcToPostgres("elsewhere_" + schema_);
  SqlserverDestination destination(config, clock_, absl::Seconds(1), TableNames::kGuide, OpenTsqlOnPostgres);
  EXPECT_THAT(destination.Check(),
              StatusIs(absl::StatusCode::kNotFound,
                       AllOf(HasSubstr("CREATE SCHEMA [elsewhere_"), HasSubstr("GRANT"))));
  EXPECT_THAT(destination.EnsureTables(), StatusIs(absl::StatusCode::kNotFound, HasSubstr("CREATE SCHEMA")));
  server_.Execute("GRANT CREATE ON DATABASE postgres TO loader");
  EXPECT_OK(destination.EnsureTables());
  EXPECT_OK(destination.Check());
  server_.Execute("REVOKE CREATE ON DATABASE postgres FROM loader");
}

TEST_F(SqlserverTest, AnExistingTableThatCannotTakeTheRowsIsRefusedByName) {
  const auto refused = [&](const std::string& what) {
    const auto matcher =
        StatusIs(absl::StatusCode::kFailedPrecondition, AllOf(HasSubstr(kTable), HasSubstr(what)));
    EXPECT_THAT(destination_.Check(), matcher);
    EXPECT_THAT(destination_.EnsureTables(), matcher);
  };
  Execute(absl::StrCat("CREATE VIEW ", kTable, " AS SELECT 1::bigint AS CONVERSATION_ID"));
  refused("no ordinary table");
  Execute(absl::StrCat("DROP VIEW ", kTable, "; CREATE TABLE ", kTable, "(CONVERSATION_ID int)"));
  refused("CONVERSATION_ID has the type int");
  Execute(absl::StrCat("DROP TABLE ", kTable, "; CREATE TABLE ", kTable, "(TS_CREATED varchar)"));
  refused("no column CONVERSATION_ID");
}

// A key that no index can hold is looked for in the whole table; a short one gets an index.
TEST_F(SqlserverTest, ATableWithoutAKeyGetsAnIndexWhereOneIsPossible) {
  Execute(absl::StrCat("CREATE TABLE ", kTable, "(CONVERSATION_ID varchar(200))"));
  ASSERT_OK(destination_.EnsureTables());
  ASSERT_OK(destination_.EnsureTables());
  EXPECT_EQ(Sent("CREATE INDEX"), 1u);
  Execute(absl::StrCat("DROP TABLE ", kTable, "; CREATE TABLE ", kTable, "(CONVERSATION_ID varchar)"));
  ASSERT_OK(destination_.EnsureTables());
  EXPECT_EQ(Sent("CREATE INDEX"), 1u);
}

}  // namespace
}  // namespace penstock::destinations::sqlserver
