// SPDX-License-Identifier: Apache-2.0
#include "tests/contracts/destination_contract_test.h"
#include "tests/destinations/sqlite/sqlite_warehouse.h"

namespace penstock::destinations {

const WarehouseKind kSqlite = {"Sqlite", MakeSqliteWarehouse};
INSTANTIATE_TEST_SUITE_P(Sqlite, DestinationContract, ::testing::Values(kSqlite));
INSTANTIATE_TEST_SUITE_P(Sqlite, UpkeepContract, ::testing::Values(kSqlite));
INSTANTIATE_TEST_SUITE_P(Sqlite, ExistingTable, ::testing::Values(kSqlite));
INSTANTIATE_TEST_SUITE_P(Sqlite, AdoptContract, ::testing::Values(kSqlite));
INSTANTIATE_TEST_SUITE_P(Sqlite, QueryContract, ::testing::Values(kSqlite));
INSTANTIATE_TEST_SUITE_P(Sqlite, SnapshotContract, ::testing::Values(kSqlite));
INSTANTIATE_TEST_SUITE_P(Sqlite, EraseContract, ::testing::Values(kSqlite));
INSTANTIATE_TEST_SUITE_P(Sqlite, EraseExistingTable, ::testing::Values(kSqlite));

}  // namespace penstock::destinations
