// SPDX-License-Identifier: Apache-2.0
#include "destinations/sqlserver/server_error.h"

#include "tests/fakes/status_matchers.h"

namespace penstock::destinations::sqlserver {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

SqlserverConfig Config() {
  SqlserverConfig config;
  config.connection = "Driver=FreeTDS;Server=db;Database=dwh;UID=penstock";
  config.host = "db";
  config.database = "dwh";
  config.user = "penstock";
  config.password_file = "/run/s/ms";
  return config;
}

absl::Status Server(int native, const std::string& words, const std::string& state = "42000") {
  return ServerError(Config(),
                     {{state, native, "[Microsoft][ODBC Driver 18 for SQL Server][SQL Server]" + words}});
}

struct Known {
  int native;
  const char* words;
  absl::StatusCode code;
  const char* advice;
};

TEST(SqlserverError, EachNumberBecomesASentenceThatSaysWhatToDo) {
  using Code = absl::StatusCode;
  for (const Known& known : std::vector<Known>{
           {18456, "Login failed for user 'penstock'.", Code::kPermissionDenied,
            "put the right one into /run/s/ms"},
           {18470, "Login failed. The account is disabled.", Code::kPermissionDenied,
            "ALTER LOGIN [penstock] ENABLE"},
           {18486, "The account is currently locked out.", Code::kPermissionDenied, "UNLOCK"},
           {18487, "The password of the account has expired.", Code::kPermissionDenied,
            "CHECK_EXPIRATION = OFF"},
           {18452, "The login is from an untrusted domain.", Code::kPermissionDenied, "login 'penstock'"},
           {4060, "Cannot open database \"dwh\" requested by the login.", Code::kNotFound,
            "create the database 'dwh'"},
           {916, "The server principal is not able to access the database.", Code::kPermissionDenied,
            "CREATE USER [penstock] FOR LOGIN [penstock]"},
           {40615, "Client with IP address is not allowed to access the server.", Code::kPermissionDenied,
            "firewall"},
           {229, "The INSERT permission was denied on the object 'T'.", Code::kPermissionDenied,
            "ON SCHEMA::[data_api] TO [penstock]"},
           {262, "CREATE TABLE permission denied in database 'dwh'.", Code::kPermissionDenied,
            "GRANT CREATE TABLE TO [penstock]"},
           {2760, "The specified schema name \"data_api\" does not exist.", Code::kPermissionDenied, "GRANT"},
           {208, "Invalid object name 'data_api.T'.", Code::kNotFound, "when it starts again"},
           {207, "Invalid column name 'X'.", Code::kNotFound, "when it starts again"},
           {208, "Invalid object name 'OPENJSON'.", Code::kFailedPrecondition,
            "ALTER DATABASE [dwh] SET COMPATIBILITY_LEVEL = 130"},
           {1105, "Could not allocate space, the filegroup is full.", Code::kResourceExhausted, "make room"},
           {9002, "The transaction log for database 'dwh' is full.", Code::kResourceExhausted, "make room"},
           {1222, "Lock request time out period exceeded.", Code::kUnavailable, "somebody else holds"},
           {1205, "Transaction was deadlocked and has been chosen as the victim.", Code::kUnavailable,
            "tried again"},
           {3906, "Failed to update database because the database is read-only.", Code::kUnavailable,
            "primary"},
           {40613, "Database is not currently available.", Code::kUnavailable, "tried again"},
           {2628, "String or binary data would be truncated.", Code::kFailedPrecondition,
            "remove what refuses them"}}) {
    const absl::Status status = Server(known.native, known.words);
    EXPECT_THAT(status, StatusIs(known.code,
                                 AllOf(HasSubstr("sqlserver://penstock@db/dwh: "), HasSubstr(known.advice),
                                       Not(HasSubstr("[Microsoft]")), Not(HasSubstr(".;")))))
        << known.native;
    EXPECT_EQ(NativeError(status), known.native);
  }
}

TEST(SqlserverError, WhatTheServerSaysCountsMoreThanWhatTheDriverMakesOfIt) {
  // As FreeTDS tells it.
  EXPECT_THAT(
      ServerError(Config(), {{"08001", 0, "[FreeTDS][SQL Server]Unable to connect to data source"},
                             {"08001", 20002, "[FreeTDS][SQL Server]Adaptive Server connection failed"},
                             {"42000", 18456, "[FreeTDS][SQL Server]Login failed for user 'penstock'."}}),
      StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("the password is wrong")));
}

TEST(SqlserverError, WithoutAServerTheDriversWordsAreTold) {
  const auto client = [](const std::string& state, int native, const std::string& words) {
    return ServerError(Config(), {{state, native, words}});
  };
  EXPECT_THAT(
      client("08001", 0, "[FreeTDS][SQL Server]Unable to connect to data source"),
      StatusIs(absl::StatusCode::kUnavailable, AllOf(HasSubstr("host 'db'"), HasSubstr("tried again"))));
  EXPECT_THAT(
      client("08001", 10061, "[Microsoft][ODBC Driver 18 for SQL Server]TCP Provider: Error code 0x2AF9"),
      StatusIs(absl::StatusCode::kUnavailable, HasSubstr("host 'db'")));
  EXPECT_THAT(client("HYT00", 0, "[Microsoft][ODBC Driver 18 for SQL Server]Login timeout expired"),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("Login timeout expired")));
  EXPECT_THAT(client("08S01", 0, "Communication link failure"),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("link")));
  EXPECT_THAT(
      client("08001", -1,
             "[Microsoft][ODBC Driver 18 for SQL Server]SSL Provider: [error:0A000086:SSL "
             "routines::certificate verify failed:self-signed certificate]"),
      StatusIs(absl::StatusCode::kPermissionDenied, AllOf(HasSubstr("self-signed"), HasSubstr("the CA"))));
  EXPECT_THAT(client("01000", 0, "[unixODBC][Driver Manager]Can't open lib 'ODBC Driver 18 for SQL Server'"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("odbcinst -q -d")));
  EXPECT_THAT(client("IM002", 0, "[unixODBC][Driver Manager]Data source name not found"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("odbcinst -q -s")));
  EXPECT_THAT(ServerError(Config(), {}), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("no reason")));
}

TEST(SqlserverError, TellsTroubleOfTheServerFromTroubleOfARow) {
  for (int native : {220, 241, 242, 245, 511, 1946, 2601, 2627, 2628, 8114, 8115, 8152, 50'000, 51'234})
    EXPECT_TRUE(MayBlameARow(Server(native, "x"))) << native;
  EXPECT_TRUE(MayBlameARow(Server(547, "The INSERT statement conflicted with the CHECK constraint \"c\".")));
  EXPECT_FALSE(
      MayBlameARow(Server(547, "The INSERT statement conflicted with the FOREIGN KEY constraint \"f\".")));
  for (int native : {515, 1205, 1222, 208, 229, 1105, 9002, 40613})
    EXPECT_FALSE(MayBlameARow(Server(native, "x"))) << native;
  EXPECT_FALSE(MayBlameARow(absl::OkStatus()));
  EXPECT_EQ(ServerWords(Server(2628, "words.")), "words");
}

TEST(SqlserverError, WhatAnotherSessionCausedIsTriedAgainAtOnce) {
  for (int native : {1205, 2601, 2627, 3960}) EXPECT_TRUE(IsTransient(Server(native, "x"))) << native;
  for (int native : {1222, 2628, 229}) EXPECT_FALSE(IsTransient(Server(native, "x"))) << native;
  EXPECT_FALSE(IsTransient(absl::OkStatus()));
}

TEST(SqlserverError, ADataSourceIsNamedWhereThereIsNoHost) {
  SqlserverConfig config;
  config.connection = "DSN=dwh;UID=penstock";
  EXPECT_EQ(Place(config), "sqlserver:DSN=dwh");
}

}  // namespace
}  // namespace penstock::destinations::sqlserver
