// SPDX-License-Identifier: Apache-2.0
// Several destinations of one source, some of them real servers.
#include <functional>

#include "destinations/sqlite/sqlite_destination.h"
#include "tests/cluster/cluster_fixture.h"
#include "tests/destinations/postgres/postgres_server.h"
#include "tests/destinations/snowflake/snowflake_server.h"
#include "tests/fakes/status_matchers.h"

namespace penstock {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class Destinations : public ClusterTest {
 protected:
  void AddSqlite(const std::string& name) {
    config.destinations[name] = {.name = name, .source = "acme", .path = File(name + ".db")};
  }
  void AddPostgres(const std::string& name, const std::string& schema) {
    DestinationConfig destination;
    destination.name = name;
    destination.source = "acme";
    destination.type = DestinationType::kPostgres;
    destination.postgres = server_.Config(schema);
    config.destinations[name] = destination;
  }
  v1::Destination Of(const v1::SourceStatus& status, const std::string& name) {
    for (const v1::Destination& destination : status.destinations()) {
      if (destination.name() == name) return destination;
    }
    ADD_FAILURE() << "no destination " << name;
    return {};
  }
  bool IsFull(const v1::SourceStatus& status, const std::string& name) {
    return Of(status, name).checked() && Of(status, name).behind() == 0;
  }
  using Query = std::function<std::vector<std::vector<std::string>>(const std::string& columns,
                                                                    const std::string& table)>;
  void ExpectSameRows(const std::string& schema) {
    ExpectSameRows([&](const std::string& columns, const std::string& table) {
      return server_.Query("SELECT " + columns + " FROM " + schema + "." + table + " ORDER BY 1");
    });
  }
  // What both systems print alike, of every row.
  void ExpectSameRows(const Query& query) {
    for (Endpoint endpoint : kAllEndpoints) {
      const destinations::Table& table = destinations::GuideTable(endpoint);
      std::string columns = "PENSTOCK_SEQ";
      for (const destinations::Column& column : table.columns) {
        if (column.type != destinations::ColumnType::kJson) columns += ", " + column.name;
      }
      const auto in_file =
          destinations::QuerySql(warehouse(), "SELECT " + columns + " FROM " + table.name + " ORDER BY 1");
      EXPECT_FALSE(in_file.empty());
      EXPECT_EQ(query(columns, table.name), in_file) << table.name;
    }
  }

  destinations::PostgresServer& server_ = destinations::PostgresServer::Shared();
};

TEST_F(Destinations, OneThatIsDownWaitsAloneAndCatchesUpByItself) {
  const std::string schema = server_.NewSchema();
  AddPostgres("postgres", schema);
  AddSqlite("second");
  server_.Stop();
  StartSandbox();
  StartCoordinator();
  const uint64_t job = Backfill();
  StartWorker();
  AwaitJob(job);
  AwaitThat("the two that are up are full, the third says why it is not",
            [&](const v1::SourceStatus& status) {
              return IsFull(status, "second") && IsFull(status, "warehouse") &&
                     !Of(status, "postgres").failure().empty();
            });
  EXPECT_THAT(Of(Status(), "postgres").failure(),
              AllOf(HasSubstr(server_.socket_folder()), HasSubstr("start the server")));
  EXPECT_EQ(Of(Status(), "postgres").failure_kind(), v1::LoadFailure::UNREACHABLE);
  EXPECT_EQ(Of(Status(), "postgres").loaded(), 0u);

  const uint64_t requests = sandbox().report().requests();
  server_.Start();
  clock.Skip(absl::Seconds(10));  // past the wait before the next try, within every lease
  AwaitLoaded();
  EXPECT_EQ(sandbox().report().requests(), requests);
  ExpectExact();
  ExpectSameRows(schema);
}

TEST_F(Destinations, OneThatIsStoppedUnderTheLoadHoldsEveryRowInTheEnd) {
  const std::string schema = server_.NewSchema();
  AddPostgres("postgres", schema);
  StartSandbox();
  StartCoordinator();
  const uint64_t job = Backfill();
  StartWorker();
  AwaitThat("it has begun",
            [&](const v1::SourceStatus& status) { return Of(status, "postgres").loaded() > 0; });
  server_.Stop();
  AwaitJob(job);
  server_.Start();
  clock.Skip(absl::Seconds(10));
  AwaitLoaded();
  ExpectSameRows(schema);
}

TEST_F(Destinations, SnowflakeHoldsEveryRowAndIsSentNoneThatDidNotChange) {
  if (!destinations::SnowflakeServer::Installed()) GTEST_SKIP() << "no snowduck: `./dev test` installs it";
  destinations::SnowflakeServer& snowflake = destinations::SnowflakeServer::Shared();
  const std::string schema = snowflake.NewSchema();
  config.destinations["snowflake"] = {.name = "snowflake",
                                      .source = "acme",
                                      .type = DestinationType::kSnowflake,
                                      .snowflake = snowflake.Config(schema),
                                      .interval = kSnowflakeInterval};
  RunToTheEnd();
  AwaitLoaded();
  ExpectSameRows([&](const std::string& columns, const std::string& table) {
    return snowflake.Query(schema, "SELECT " + columns + " FROM " + table + " ORDER BY 1");
  });
  const int merges = snowflake.Count("merges");
  AwaitJob(Backfill());
  AwaitLoaded();
  EXPECT_EQ(snowflake.Count("merges"), merges) << "every record was as it was";
}

TEST_F(Destinations, ARowThatOneRefusesIsNamedThereAndNowhereElse) {
  AddSqlite("second");
  const std::string& strict = config.destinations["second"].path;
  ASSERT_OK(destinations::sqlite::SqliteDestination(strict, SystemClock()).EnsureTables());
  for (Endpoint endpoint : kAllEndpoints) {
    const std::string& table = destinations::GuideTable(endpoint).name;
    destinations::ExecuteSql(
        strict, "CREATE TRIGGER refuse_" + table + " BEFORE INSERT ON " + table +
                    " WHEN NEW.PENSTOCK_SEQ = 7 BEGIN SELECT RAISE(ABORT, 'not the seventh'); END");
  }
  RunToTheEnd();
  const v1::SourceStatus status = Status();
  EXPECT_EQ(Of(status, "warehouse").set_aside(), 0u);
  EXPECT_EQ(Of(status, "second").set_aside(), 1u);
  EXPECT_EQ(Of(status, "second").failure(), "");
  ASSERT_EQ(Of(status, "second").set_aside_rows_size(), 1);
  EXPECT_THAT(Of(status, "second").set_aside_rows(0), HasSubstr(": not the seventh"));
  ExpectExact();
}

}  // namespace
}  // namespace penstock
