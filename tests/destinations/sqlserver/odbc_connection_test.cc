// SPDX-License-Identifier: Apache-2.0
// The ODBC shell for real: unixODBC, psqlODBC and the PostgreSQL server of the other tests.
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "destinations/sqlserver/connection.h"
#include "destinations/sqlserver/server_error.h"
#include "tests/destinations/postgres/postgres_server.h"
#include "tests/destinations/sqlserver/tsql_on_postgres.h"
#include "tests/fakes/relay.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::destinations::sqlserver {
namespace {

using ::testing::_;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

std::unique_ptr<Connection> Connected(const SqlserverConfig& config = OdbcToPostgres("s")) {
  absl::StatusOr<std::unique_ptr<Connection>> connection = OpenOdbc(config);
  EXPECT_OK(connection);
  return *std::move(connection);
}

SqlserverConfig OverTcp(int port, const std::string& more = "") {
  PostgresServer& server = PostgresServer::Shared();
  SqlserverConfig config = OdbcToPostgres("s");
  config.host = "127.0.0.1";
  config.connection =
      absl::StrCat(absl::StrReplaceAll(config.connection,
                                       {{absl::StrCat("Server=", server.socket_folder()), "Server=127.0.0.1"},
                                        {absl::StrCat("Port=", server.port()), absl::StrCat("Port=", port)}}),
                   more);
  return config;
}

TEST(OdbcConnection, BindsAJsonOfManyMegabytesAndReadsItBack) {
  const std::unique_ptr<Connection> connection = Connected();
  std::string json = "[\"";
  while (json.size() < 6 << 20) json += "caf\xC3\xA9 \xF0\x9F\x98\x80 ";
  json += "\"]";
  ASSERT_OK_AND_ASSIGN(
      const Result result,
      connection->Query("SELECT length(x), x FROM (SELECT CAST(? AS text) AS x) AS q", json));
  ASSERT_THAT(result.rows, SizeIs(1));
  EXPECT_TRUE(result.Text(0, 1) == json);
  EXPECT_EQ(result.Int(0, 0), static_cast<int64_t>(4 + (json.size() - 4) / 11 * 7));
}

TEST(OdbcConnection, TellsNullFromEmptyAndCountsWhatChanged) {
  const std::unique_ptr<Connection> connection = Connected();
  ASSERT_OK_AND_ASSIGN(const Result nothing, connection->Query("SELECT NULL, ''"));
  EXPECT_FALSE(nothing.rows[0][0].has_value());
  EXPECT_EQ(nothing.rows[0][1], "");
  EXPECT_EQ(nothing.Text(0, 0), "");
  EXPECT_EQ(nothing.Int(7, 7), 0) << "what is not there reads as nothing";
  ASSERT_OK(connection->Query("CREATE TEMPORARY TABLE t (n int)"));
  EXPECT_EQ(connection->Query("INSERT INTO t SELECT generate_series(1, 5)")->affected, 5u);
  EXPECT_EQ(connection->Query("UPDATE t SET n = 0 WHERE n > 3")->affected, 2u);
  EXPECT_EQ(connection->Query("DELETE FROM t WHERE n = 99")->affected, 0u);
  EXPECT_THAT(connection->Query("SELECT n FROM t")->rows, SizeIs(5));
}

TEST(OdbcConnection, AnErrorOfALaterStatementOfABatchIsNotMissed) {
  const std::unique_ptr<Connection> connection = Connected();
  const absl::Status failed = connection->Query("SELECT 1; SELECT 1 / 0").status();
  EXPECT_EQ(SqlState(failed), "22012");
  EXPECT_THAT(ServerWords(failed), HasSubstr("division by zero"));
  EXPECT_FALSE(connection->lost());
  EXPECT_OK(connection->Query("SELECT 1")) << "the session goes on";
}

TEST(OdbcConnection, ATransactionThatIsNotCommittedIsRolledBack) {
  const std::unique_ptr<Connection> connection = OpenTsqlOnPostgres(OdbcToPostgres("s")).value();
  ASSERT_OK(connection->Query("CREATE TABLE #t ([n] bigint)"));
  {
    ASSERT_OK_AND_ASSIGN(Transaction transaction, Transaction::Begin(connection.get()));
    ASSERT_OK(connection->Query("INSERT INTO #t VALUES (1)"));
  }
  EXPECT_THAT(connection->Query("SELECT * FROM #t")->rows, SizeIs(0));
  {
    ASSERT_OK_AND_ASSIGN(Transaction transaction, Transaction::Begin(connection.get()));
    ASSERT_OK(connection->Query("INSERT INTO #t VALUES (1)"));
    ASSERT_OK(transaction.Commit());
  }
  EXPECT_THAT(connection->Query("SELECT * FROM #t")->rows, SizeIs(1));
}

TEST(OdbcConnection, AServerThatIsNotThereIsUnavailable) {
  EXPECT_THAT(OpenOdbc(OverTcp(1)), StatusIs(absl::StatusCode::kUnavailable,
                                             AllOf(HasSubstr("127.0.0.1"), HasSubstr("start the server"))));
}

// The driver that Debian has for SQL Server, as far as it goes without one.
TEST(OdbcConnection, FreeTdsIsTakenAndSaysThatNobodyIsThere) {
  SqlserverConfig config;
  config.connection = "Driver=FreeTDS;Server=127.0.0.1;Port=1;TDS_Version=7.4;Database=dwh;UID=penstock";
  config.host = "127.0.0.1";
  EXPECT_THAT(OpenOdbc(config), StatusIs(absl::StatusCode::kUnavailable,
                                         AllOf(HasSubstr("connect"), HasSubstr("host '127.0.0.1'"))));
}

TEST(OdbcConnection, ADriverThatIsNotInstalledIsNamed) {
  SqlserverConfig config = OdbcToPostgres("s");
  config.connection = "Driver=No Such Driver;Server=db";
  EXPECT_THAT(OpenOdbc(config), StatusIs(absl::StatusCode::kNotFound,
                                         AllOf(HasSubstr("No Such Driver"), HasSubstr("odbcinst -q -d"))));
}

// Over TCP the server wants the password; it is read anew each time, and never told.
TEST(OdbcConnection, ThePasswordComesFromItsFile) {
  PostgresServer& server = PostgresServer::Shared();
  const TemporaryFolder folder;
  SqlserverConfig config = OverTcp(server.port());
  config.password_file = folder / "password";
  EXPECT_THAT(OpenOdbc(config), StatusIs(absl::StatusCode::kNotFound, HasSubstr("password")));
  std::ofstream(config.password_file) << "hunter2};x={";
  ASSERT_EQ(chmod(config.password_file.c_str(), 0600), 0);
  EXPECT_THAT(OpenOdbc(config).status().ToString(),
              AllOf(HasSubstr("password authentication failed"), Not(HasSubstr("hunter2"))));
  std::ofstream(config.password_file) << PostgresServer::kPassword << "\n";
  EXPECT_OK(OpenOdbc(config));
}

TEST(OdbcConnection, ThatIsCutKnowsIt) {
  Relay relay(PostgresServer::Shared().socket());
  const std::unique_ptr<Connection> connection = Connected(OverTcp(relay.port(), ";SSLmode=disable"));
  ASSERT_OK(connection->Query("SELECT 1"));
  relay.CutAt("SELECT 2", /*delivered=*/false);
  EXPECT_THAT(connection->Query("SELECT 2"), StatusIs(absl::StatusCode::kUnavailable, _));
  EXPECT_TRUE(connection->lost());
}

}  // namespace
}  // namespace penstock::destinations::sqlserver
