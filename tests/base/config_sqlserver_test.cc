// SPDX-License-Identifier: Apache-2.0
#include "base/config_sqlserver.h"

#include <map>

#include "tests/fakes/status_matchers.h"

namespace penstock {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Destination, IsAnOdbcString) {
  ASSERT_OK_AND_ASSIGN(const DestinationConfig named,
                       ParseDestination("sqlserver:Driver={ODBC Driver 18 for SQL "
                                        "Server};Server=tcp:db,1433;Database=dwh;UID=penstock;Encrypt=strict;"
                                        "password_file=/run/s/ms;Schema=api;tables=vendor",
                                        Config()));
  EXPECT_EQ(named.type, DestinationType::kSqlserver);
  EXPECT_EQ(named.tables, TableNames::kVendor);
  const SqlserverConfig& sqlserver = named.sqlserver;
  EXPECT_EQ(
      sqlserver.connection,
      "Driver=ODBC Driver 18 for SQL Server;Server={tcp:db,1433};Database=dwh;UID=penstock;Encrypt=strict");
  EXPECT_EQ(sqlserver.password_file, "/run/s/ms");
  EXPECT_EQ(sqlserver.schema, "api");
  EXPECT_EQ(sqlserver.host, "tcp:db,1433");
  EXPECT_EQ(sqlserver.database, "dwh");
  EXPECT_EQ(sqlserver.user, "penstock");
  ASSERT_OK_AND_ASSIGN(const DestinationConfig source, ParseDestination("sqlserver:DSN=dwh", Config()));
  EXPECT_EQ(source.sqlserver.connection, "DSN=dwh");
  EXPECT_EQ(source.sqlserver.schema, "data_api");
}

TEST(Destination, ABadOdbcStringIsRefusedAndNeverRepeated) {
  for (const auto& [text, what] : std::map<std::string, std::string>{
           {"Driver=FreeTDS;Server=db;UID=u;PWD=hunter2", "put it into a file"},
           {"Driver=FreeTDS;Server=db;UID=u;Password={hunter2}", "put it into a file"},
           {"Driver=FreeTDS;Server=db;hunter2", "a part without '='"},
           {"Driver={hunter2", "a brace that does not end"},
           {"Server=db", "no Driver and no DSN"},
           {"Driver=FreeTDS", "no Server and no DSN"},
           {"Driver=FreeTDS;Server=db;UID=", "leaves UID empty"},
           {"DSN=dwh;tables=hunter2", "the choices are guide, vendor"}}) {
    EXPECT_THAT(
        ParseDestination("sqlserver:" + text, Config()),
        StatusIs(absl::StatusCode::kInvalidArgument, AllOf(HasSubstr(what), Not(HasSubstr("hunter2")))))
        << text;
  }
  EXPECT_THAT(ParseDestination("sqlsever:DSN=dwh;PWD=hunter2", Config()),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("unknown destination 'sqlsever:DSN'"), Not(HasSubstr("hunter2")))));
}

constexpr char kFile[] =
    "version: 1\nsources:\n  a: {url: \"https://h/records\"}\ndestinations:\n  ms: {type: sqlserver, ";

absl::StatusOr<SqlserverConfig> InFile(const std::string& entry) {
  absl::StatusOr<Config> config = ParseConfig(kFile + entry + "}\n", "f");
  if (!config.ok()) return config.status();
  return config->destinations.at("ms").sqlserver;
}

TEST(Destination, OfSqlServerStandsInTheFile) {
  ASSERT_OK_AND_ASSIGN(
      const SqlserverConfig microsoft,
      InFile("host: db, database: dwh, user: penstock, password_file: /run/s/ms, schema: api"));
  EXPECT_EQ(microsoft.connection,
            "Driver=ODBC Driver 18 for SQL "
            "Server;Server={tcp:db,1433};Encrypt=yes;TrustServerCertificate=no;Database=dwh;UID=penstock;APP="
            "penstock");
  EXPECT_EQ(microsoft.password_file, "/run/s/ms");
  EXPECT_EQ(microsoft.schema, "api");
  EXPECT_EQ(InFile("host: db, database: dwh, user: u, driver: FreeTDS, port: 1500, tls: require")->connection,
            "Driver=FreeTDS;Server=db;Port=1500;TDS_Version=7.4;Encryption=require;Database=dwh;UID=u;APP="
            "penstock");
  for (const auto& [entry, what] : std::map<std::string, std::string>{
           {"host: db, user: u", "needs the key 'database'"},
           {"host: db, user: u, database: d, path: x", "does nothing with type sqlserver"},
           {"host: db, user: u, database: d, account: x", "does nothing with type sqlserver"},
           {"host: db, user: u, database: d, ca_file: x", "does nothing with type sqlserver"},
           {"host: db, user: u, database: d, pwd: x", "is not known"},
           {"host: db, user: u, database: d, tls: verify-ca", "disable, require, verify-full"}}) {
    EXPECT_THAT(InFile(entry), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(what))) << entry;
  }
}

TEST(Destination, OfSqlServerAwayFromThisMachineMustProveWhoItIs) {
  const std::string at_home = "host: localhost, database: d, user: u";
  const std::string away = "host: db, database: d, user: u";
  EXPECT_THAT(InFile(at_home)->connection, HasSubstr("Encrypt=yes;TrustServerCertificate=yes"));
  EXPECT_THAT(InFile(away)->connection, HasSubstr("Encrypt=yes;TrustServerCertificate=no"));
  EXPECT_THAT(InFile(away + ", tls: disable")->connection, HasSubstr("Encrypt=no"));
  EXPECT_THAT(InFile(at_home + ", driver: FreeTDS")->connection, HasSubstr("Encryption=require"));
  EXPECT_THAT(
      InFile(away + ", driver: /usr/lib/libtdsodbc.so"),
      StatusIs(absl::StatusCode::kInvalidArgument, AllOf(HasSubstr("f:5: "), HasSubstr("freetds.conf"))));
}

TEST(Destination, OtherTypesHaveNoDriver) {
  EXPECT_THAT(
      ParseConfig(
          "version: 1\nsources:\n  a: {url: \"https://h/records\"}\ndestinations:\n  w: {type: sqlite, path: "
          "x, driver: FreeTDS}\n",
          "f"),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("does nothing with type sqlite")));
}

}  // namespace
}  // namespace penstock
