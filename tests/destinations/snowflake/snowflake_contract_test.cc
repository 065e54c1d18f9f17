// SPDX-License-Identifier: Apache-2.0
#include "tests/contracts/destination_contract_test.h"
#include "tests/destinations/snowflake/snowflake_server.h"
#include "tests/destinations/snowflake/snowflake_warehouse.h"

namespace penstock::destinations {
namespace {

std::vector<WarehouseKind> Kinds() {
  if (!SnowflakeServer::Installed()) return {};
  return {{"Snowflake", MakeSnowflakeWarehouse}};
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(Snowflake, DestinationContract, ::testing::ValuesIn(Kinds()));
INSTANTIATE_TEST_SUITE_P(Snowflake, ServerContract, ::testing::ValuesIn(Kinds()));
INSTANTIATE_TEST_SUITE_P(Snowflake, UpkeepContract, ::testing::ValuesIn(Kinds()));
INSTANTIATE_TEST_SUITE_P(Snowflake, ExistingTable, ::testing::ValuesIn(Kinds()));
INSTANTIATE_TEST_SUITE_P(Snowflake, QueryContract, ::testing::ValuesIn(Kinds()));
INSTANTIATE_TEST_SUITE_P(Snowflake, EraseContract, ::testing::ValuesIn(Kinds()));
INSTANTIATE_TEST_SUITE_P(Snowflake, EraseExistingTable, ::testing::ValuesIn(Kinds()));

TEST(SnowflakeContract, HasAServer) {
  if (!SnowflakeServer::Installed()) GTEST_SKIP() << "no snowduck here: `./dev test` installs it";
}

}  // namespace penstock::destinations
