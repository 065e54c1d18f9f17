// SPDX-License-Identifier: Apache-2.0
// What `destinations ddl` prints, run by psql as a DBA would; then the loader loads, and the reader only reads.
#include "destinations/ddl.h"

#include <fstream>

#include "absl/strings/str_cat.h"
#include "destinations/postgres/postgres_destination.h"
#include "tests/contracts/destination_contract_builders.h"
#include "tests/destinations/postgres/postgres_server.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::destinations::postgres {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class PostgresDdl : public ::testing::Test {
 protected:
  // Its exit code.
  int Psql(const std::string& sql, const std::string& user = "admin",
           const std::string& database = "postgres") {
    std::ofstream(folder_ / "input.sql") << sql;
    return std::system(absl::StrCat("psql -q -X -v ON_ERROR_STOP=1 -h ", server_.socket_folder(), " -p ",
                                    server_.port(), " -U ", user, " -d ", database, " -f ",
                                    folder_ / "input.sql", " > ", folder_ / "output 2>&1")
                           .c_str());
  }

  PostgresServer& server_ = PostgresServer::Shared();
  const TemporaryFolder folder_;
  FakeClock clock_;
};

TEST_F(PostgresDdl, MakesAllThatTheLoaderNeedsAndLetsTheReaderOnlyRead) {
  DestinationConfig config;
  config.name = "warehouse";
  config.type = DestinationType::kPostgres;
  config.postgres = server_.Config("Data \"API\"", "loader");
  config.postgres.database = "Made-by-ddl";
  ASSERT_OK_AND_ASSIGN(const std::string sql, Ddl(config, "bi reader"));
  for (int again = 0; again < 2; ++again) ASSERT_EQ(Psql(sql), 0) << sql;
  server_.Execute("GRANT \"bi reader\" TO carded");

  // As the loader, who owns nothing.
  PostgresDestination destination(config.postgres, clock_);
  ASSERT_OK(destination.Check());
  ASSERT_OK(destination.EnsureTables());
  EXPECT_THAT(destination.Upsert({Conversation("a", 1)}, kBeginning, At(1)), Counts(1, 0));
  EXPECT_THAT(destination.Upsert({Conversation("a", 2, kTuesday)}, At(1), At(2)), Counts(1, 0));
  EXPECT_THAT(destination.Compare({Conversation("a", 2, kTuesday)}),
              IsOkAndHolds(ElementsAre(Standing::kSame)));
  ASSERT_OK(destination.PutCoverage({{Endpoint::kConversations, kMonday, "settled", 1}}, At(2)));
  ASSERT_OK(destination.Upsert({Conversation("b", 3)}, At(2), At(3)));
  EXPECT_THAT(destination.Upsert({Erased("b", 4)}, At(3), At(4)), Counts(1, 0));

  // As the reader, through the superuser, who takes its role.
  const std::string table = "\"Data \"\"API\"\"\".data_api_copilot_conversations";
  const std::string as_reader = "SET ROLE \"bi reader\"; ";
  EXPECT_THAT(server_.Query(as_reader + "SELECT conversation_id FROM " + table, config.postgres.database),
              ElementsAre(ElementsAre("a")));
  for (const std::string& write :
       {"DELETE FROM " + table, "INSERT INTO " + table + " (conversation_id) VALUES ('b')",
        "UPDATE " + table + " SET primary_domain = 'x'", "TRUNCATE " + table}) {
    EXPECT_NE(Psql(as_reader + write, "admin", "Made-by-ddl"), 0) << write;
  }
  EXPECT_THAT(server_.Query("SELECT * FROM " + table, config.postgres.database), SizeIs(1));
}

TEST_F(PostgresDdl, EveryColumnSaysWhatItMeans) {
  DestinationConfig config;
  config.type = DestinationType::kPostgres;
  config.postgres = server_.Config("described", "loader");
  config.postgres.database = "described";
  ASSERT_OK_AND_ASSIGN(const std::string sql, Ddl(config, "penstock_reader"));
  ASSERT_EQ(Psql(sql), 0) << sql;
  EXPECT_THAT(
      server_.Query(
          "SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN "
          "pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'described' AND c.relkind = 'r' "
          "AND c.relname LIKE 'data_api%' AND a.attnum > 0 AND col_description(c.oid, a.attnum) IS NULL",
          "described"),
      IsEmpty());
  EXPECT_THAT(
      server_.Query("SELECT col_description('described.data_api_plugin_calls'::regclass, 1)", "described"),
      ElementsAre(ElementsAre(HasSubstr("plugin call"))));
}

}  // namespace penstock::destinations::postgres
