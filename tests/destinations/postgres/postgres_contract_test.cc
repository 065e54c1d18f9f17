// SPDX-License-Identifier: Apache-2.0
#include "tests/contracts/destination_contract_test.h"
#include "tests/destinations/postgres/postgres_warehouse.h"

namespace penstock::destinations {

const WarehouseKind kPostgres = {"Postgres", MakePostgresWarehouse};
INSTANTIATE_TEST_SUITE_P(Postgres, DestinationContract, ::testing::Values(kPostgres));
INSTANTIATE_TEST_SUITE_P(Postgres, ServerContract, ::testing::Values(kPostgres));
INSTANTIATE_TEST_SUITE_P(Postgres, UpkeepContract, ::testing::Values(kPostgres));
INSTANTIATE_TEST_SUITE_P(Postgres, ExistingTable, ::testing::Values(kPostgres));
INSTANTIATE_TEST_SUITE_P(Postgres, AdoptContract, ::testing::Values(kPostgres));
INSTANTIATE_TEST_SUITE_P(Postgres, QueryContract, ::testing::Values(kPostgres));
INSTANTIATE_TEST_SUITE_P(Postgres, SnapshotContract, ::testing::Values(kPostgres));
INSTANTIATE_TEST_SUITE_P(Postgres, EraseContract, ::testing::Values(kPostgres));
INSTANTIATE_TEST_SUITE_P(Postgres, EraseExistingTable, ::testing::Values(kPostgres));

}  // namespace penstock::destinations
