// SPDX-License-Identifier: Apache-2.0
#include "destinations/registry.h"

#include "tests/destinations/sqlite/sqlite_warehouse.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::destinations {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Registry, OpensASqliteFileThatNeedNotBeThereYet) {
  const TemporaryFolder folder;
  DestinationConfig config;
  config.path = folder / "warehouse.db";
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Destination> destination, OpenDestination(config));
  EXPECT_EQ(destination->Describe(), "sqlite:" + config.path);
  ASSERT_OK(destination->Check());
  ASSERT_OK(destination->EnsureTables());
}

TEST(Registry, TablesHaveTheNamesThatTheConfigurationWants) {
  const TemporaryFolder folder;
  DestinationConfig config;
  config.path = folder / "warehouse.db";
  config.tables = TableNames::kVendor;
  ASSERT_OK((*OpenDestination(config))->EnsureTables());
  EXPECT_THAT(
      QuerySql(config.path,
               "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'MOVE%' ORDER BY 1"),
      ElementsAre(ElementsAre("MOVEWORKS_CONVERSATIONS"), ElementsAre("MOVEWORKS_INTERACTIONS"),
                  ElementsAre("MOVEWORKS_PLUGIN_CALLS"), ElementsAre("MOVEWORKS_PLUGIN_RESOURCES"),
                  ElementsAre("MOVEWORKS_USERS")));
  EXPECT_THAT(QuerySql(config.path, "SELECT name FROM sqlite_schema WHERE name LIKE 'DATA%'"), IsEmpty());
}

TEST(Registry, OpensASnowflakeAccountWithoutAskingIt) {
  DestinationConfig config;
  config.type = DestinationType::kSnowflake;
  config.snowflake.account = "ORG-ACCOUNT";
  config.snowflake.database = "dwh";
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Destination> destination, OpenDestination(config));
  EXPECT_EQ(destination->Describe(), "snowflake://ORG-ACCOUNT/DWH/DATA_API");
  EXPECT_GT(destination->BatchBytes(), 2u << 20) << "each batch costs a warehouse seconds";
}

TEST(Registry, OpensASqlServerWithoutAskingIt) {
  DestinationConfig config;
  config.type = DestinationType::kSqlserver;
  config.sqlserver.connection = "Driver=FreeTDS;Server=db;Database=dwh;UID=penstock";
  config.sqlserver.host = "db";
  config.sqlserver.database = "dwh";
  config.sqlserver.user = "penstock";
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Destination> destination, OpenDestination(config));
  EXPECT_EQ(destination->Describe(), "sqlserver://penstock@db/dwh, schema data_api");
}

TEST(Registry, ADestinationWithoutAFileIsRefusedByName) {
  DestinationConfig config;
  config.name = "lake";
  EXPECT_THAT(OpenDestination(config), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("'lake'")));
}

}  // namespace penstock::destinations
