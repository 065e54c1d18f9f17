// SPDX-License-Identifier: Apache-2.0
// Each trouble with a server, made to happen: one sentence that names what is wrong and what to do.
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "base/secret_file.h"
#include "destinations/postgres/connection.h"
#include "destinations/postgres/postgres_destination.h"
#include "destinations/postgres/server_error.h"
#include "tests/destinations/postgres/postgres_server.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/relay.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::destinations::postgres {

using ::testing::_;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class PostgresErrors : public ::testing::Test {
 protected:
  PostgresErrors() {
    WriteSecret("password", PostgresServer::kPassword);
    tcp_.host = "127.0.0.1";
    tcp_.password_file = folder_ / "password";
  }

  void WriteSecret(const std::string& name, const std::string& secret) {
    std::ofstream(folder_ / name) << secret << "\n";
    std::filesystem::permissions(folder_ / name, std::filesystem::perms::owner_read);
  }

  // The same from the test of a destination and from the load itself.
  template <typename Matcher>
  void ExpectBoth(const PostgresConfig& config, const Matcher& matcher) {
    PostgresDestination destination(config, clock_, absl::Milliseconds(50));
    EXPECT_THAT(destination.Check(), matcher);
    EXPECT_THAT(destination.EnsureTables(), matcher);
  }
  void ExpectGood(const PostgresConfig& config) {
    PostgresDestination destination(config, clock_);
    EXPECT_OK(destination.Check());
    EXPECT_OK(destination.EnsureTables());
    EXPECT_OK(destination.ReadCursor());
  }
  static auto Denied(const std::string& name, const std::string& advice) {
    return StatusIs(absl::StatusCode::kPermissionDenied, AllOf(HasSubstr(name), HasSubstr(advice)));
  }
  static auto Down(const std::string& name, const std::string& advice) {
    return StatusIs(absl::StatusCode::kUnavailable, AllOf(HasSubstr(name), HasSubstr(advice)));
  }

  PostgresServer& server_ = PostgresServer::Shared();
  const std::string schema_ = server_.NewSchema();
  const TemporaryFolder folder_;
  FakeClock clock_;
  PostgresConfig socket_ = server_.Config(schema_);
  PostgresConfig tcp_ = socket_;
};

TEST_F(PostgresErrors, AHostThatNobodyKnows) {
  tcp_.host = "db.invalid";
  ExpectBoth(tcp_, Down("the host 'db.invalid'", "or the DNS"));
}

TEST_F(PostgresErrors, AServerThatIsNotThere) {
  tcp_.port = 1;
  ExpectBoth(tcp_, Down("Connection refused", "correct the host '127.0.0.1' and the port 1"));
  socket_.host = folder_.path();
  ExpectBoth(socket_, Down("No such file", "start the server"));
}

TEST_F(PostgresErrors, AWrongPassword) {
  ExpectGood(tcp_);
  WriteSecret("wrong", "battery-horse");
  tcp_.password_file = folder_ / "wrong";
  ExpectBoth(tcp_, Denied("password is wrong or there is no role 'loader'", folder_ / "wrong"));
  ExpectBoth(tcp_, StatusIs(absl::StatusCode::kPermissionDenied, Not(HasSubstr("battery-horse"))));
}

TEST_F(PostgresErrors, APasswordThatIsMissing) {
  tcp_.password_file.clear();
  ExpectBoth(tcp_, Denied("role 'loader'", "name a password_file"));
  tcp_.password_file = folder_ / "none";
  ExpectBoth(tcp_, StatusIs(absl::StatusCode::kNotFound, HasSubstr(folder_ / "none")));
}

TEST_F(PostgresErrors, ARoleThatIsMissingOrNotLetIn) {
  socket_.user = "nobody_here";
  ExpectBoth(socket_, Denied("role \"nobody_here\" does not exist", "create the role"));
  tcp_.user = "admin";
  ExpectBoth(tcp_, Denied("'admin'", "pg_hba.conf"));
}

TEST_F(PostgresErrors, ADatabaseThatIsMissing) {
  socket_.database = "nowhere";
  ExpectBoth(socket_, StatusIs(absl::StatusCode::kNotFound, HasSubstr("create the database 'nowhere'")));
}

TEST_F(PostgresErrors, ADatabaseThatTheRoleMayNotEnter) {
  server_.Execute("CREATE DATABASE closed");
  server_.Execute("REVOKE CONNECT ON DATABASE closed FROM PUBLIC");
  socket_.database = "closed";
  ExpectBoth(socket_, Denied("\"closed\"", "GRANT CONNECT ON DATABASE \"closed\" TO \"loader\""));
}

TEST_F(PostgresErrors, ADatabaseThatCannotHoldEveryText) {
  server_.Execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
  socket_.database = "latin";
  ExpectBoth(socket_, StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("LATIN1")));
}

TEST_F(PostgresErrors, ASchemaThatIsMissing) {
  socket_.schema = "absent";
  ExpectBoth(socket_, StatusIs(absl::StatusCode::kNotFound, AllOf(HasSubstr("no schema 'absent'"),
                                                                  HasSubstr("CREATE SCHEMA \"absent\""))));
  server_.Execute("CREATE DATABASE ours OWNER loader");
  socket_.database = "ours";
  socket_.schema = "Odd \"name\"";
  ExpectGood(socket_);
}

TEST_F(PostgresErrors, ASchemaOfSomebodyElse) {
  server_.Execute("CREATE SCHEMA theirs");
  socket_.schema = "theirs";
  ExpectBoth(socket_, Denied("may not use schema 'theirs'", "GRANT USAGE, CREATE ON SCHEMA \"theirs\""));
  server_.Execute("GRANT USAGE ON SCHEMA theirs TO loader");
  ExpectBoth(socket_, Denied("may not create table", "GRANT USAGE, CREATE ON SCHEMA \"theirs\""));
}

TEST_F(PostgresErrors, ATableOfSomebodyElseThatLacksColumns) {
  server_.Execute(
      absl::StrCat("CREATE TABLE ", schema_, ".data_api_copilot_users (user_record_id text PRIMARY KEY)"));
  server_.Execute(
      absl::StrCat("GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA ", schema_, " TO loader"));
  ExpectBoth(socket_,
             Denied("does not own table DATA_API_COPILOT_USERS, which lacks FIRST_NAME", "OWNER TO"));
}

TEST_F(PostgresErrors, ADatabaseWithoutTemporaryTables) {
  server_.Execute("CREATE DATABASE strict");
  server_.Execute("REVOKE TEMPORARY ON DATABASE strict FROM PUBLIC");
  server_.Execute("CREATE SCHEMA data_api AUTHORIZATION loader", "strict");
  socket_.database = "strict";
  socket_.schema = "data_api";
  PostgresDestination destination(socket_, clock_);
  const auto denied = Denied("temporary tables", "GRANT TEMPORARY ON DATABASE \"strict\"");
  EXPECT_THAT(destination.Check(), denied);
  ASSERT_OK(destination.EnsureTables());
  TypedRow row;
  row.endpoint = Endpoint::kUsers;
  row.values.resize(GuideTable(Endpoint::kUsers).columns.size());
  row.values[0] = std::string("u");
  EXPECT_THAT(destination.Upsert({row}, {}, {"s", 1}), denied);
}

TEST_F(PostgresErrors, AServerThatOnlyReads) {
  server_.Execute("CREATE ROLE standby LOGIN; ALTER ROLE standby SET default_transaction_read_only = on");
  server_.Execute(absl::StrCat("GRANT ALL ON SCHEMA ", schema_, " TO standby"));
  socket_.user = "standby";
  ExpectBoth(socket_, Down("only reads", "name the primary"));
}

TEST_F(PostgresErrors, TheServersCertificateIsVerified) {
  tcp_.host = "localhost";
  tcp_.tls = TlsMode::kVerifyFull;
  tcp_.ca_file = server_.certificate();
  ExpectGood(tcp_);
  tcp_.ca_file = server_.File("card.crt");
  ExpectBoth(tcp_, Denied("certificate verify failed", "as ca_file"));
  tcp_.ca_file = folder_ / "none.crt";
  ExpectBoth(tcp_, Denied("none.crt", "as ca_file"));
  tcp_.ca_file.clear();
  ExpectBoth(tcp_, Denied("certificate", "as ca_file"));  // none of the world's CAs has signed it
}

TEST_F(PostgresErrors, ACertificateForAnotherHost) {
  tcp_.tls = TlsMode::kVerifyFull;
  tcp_.ca_file = server_.certificate();
  ExpectBoth(tcp_, Denied("does not match host name \"127.0.0.1\"", "tls: verify-ca"));
  tcp_.tls = TlsMode::kVerifyCa;
  ExpectGood(tcp_);
}

TEST_F(PostgresErrors, AServerWithoutTls) {
  Relay relay(server_.socket());  // no TLS on a socket
  tcp_.port = static_cast<uint32_t>(relay.port());
  tcp_.tls = TlsMode::kRequire;
  ExpectBoth(tcp_, Denied("does not support SSL", "tls: disable"));
}

TEST_F(PostgresErrors, ARoleThatNeedsAClientsCertificate) {
  server_.Execute(absl::StrCat("GRANT ALL ON SCHEMA ", schema_, " TO carded"));
  tcp_.user = "carded";
  tcp_.tls = TlsMode::kRequire;
  tcp_.password_file.clear();
  ExpectBoth(tcp_, Denied("'carded'", "certificate"));
  tcp_.cert_file = server_.File("card.crt");
  tcp_.key_file = folder_ / "card.key";
  ExpectBoth(tcp_, Denied("card.key", "key_file"));
  server_.card().WriteKey(tcp_.key_file);
  ExpectGood(tcp_);
}

TEST_F(PostgresErrors, AServerThatGoesAndComes) {
  PostgresDestination destination(socket_, clock_);
  ASSERT_OK(destination.EnsureTables());
  server_.Stop();
  EXPECT_THAT(destination.Upsert({}, {}, {"s", 1}), Down("", "tried again"));
  EXPECT_THAT(destination.ReadCursor(), Down("No such file", "start the server"));
  server_.Start();
  EXPECT_OK(destination.Upsert({}, {}, {"s", 1}));
}

TEST_F(PostgresErrors, TablesThatSomebodyElseHolds) {
  PostgresDestination destination(socket_, clock_, absl::Milliseconds(50));
  ASSERT_OK(destination.EnsureTables());
  ASSERT_OK_AND_ASSIGN(const auto other, Connection::Open(socket_, absl::Seconds(1)));
  ASSERT_OK_AND_ASSIGN(Transaction theirs, Transaction::Begin(other.get()));
  ASSERT_OK(other->Execute(absl::StrCat("LOCK TABLE ", schema_, ".penstock_loads IN EXCLUSIVE MODE")));
  EXPECT_THAT(destination.Upsert({}, {}, {"s", 1}), Down("lock timeout", "somebody else holds"));
  ASSERT_OK(theirs.Commit());
  EXPECT_OK(destination.Upsert({}, {}, {"s", 1}));
}

TEST(PostgresServerError, TellsTroubleOfTheServerFromTroubleOfARow) {
  PostgresConfig config;
  config.password_file = "secret-file";
  EXPECT_THAT(StatementError(config, "53100", "could not extend file"),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("make room")));
  for (const char* state : {"40P01", "40001", "57P01", "53300", "08006", ""}) {
    EXPECT_THAT(StatementError(config, state, "x"), StatusIs(absl::StatusCode::kUnavailable, _)) << state;
    EXPECT_FALSE(MayBlameARow(StatementError(config, state, "x"))) << state;
  }
  for (const char* state : {"22P02", "22021", "23514", "54000", "P0001"}) {
    EXPECT_THAT(StatementError(config, state, "x"), StatusIs(absl::StatusCode::kFailedPrecondition, _))
        << state;
    EXPECT_TRUE(MayBlameARow(StatementError(config, state, "x"))) << state;
  }
  EXPECT_FALSE(MayBlameARow(StatementError(config, "23502", "x"))) << "a column that must be filled";
  EXPECT_EQ(ServerWords(StatementError(config, "22P02", "words")), "words");
}

TEST(PostgresServerError, ReadsARefusalInAnotherLanguage) {
  PostgresConfig config;
  config.user = "lader";
  EXPECT_THAT(ConnectError(config,
                           "connection to server at \"db\", port 5432 failed: FATALT:  28P01: "
                           "autentisering misslyckades\nPLATS:  x"),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("no role 'lader'")));
}

}  // namespace penstock::destinations::postgres
