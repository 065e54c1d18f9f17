// SPDX-License-Identifier: Apache-2.0
// The contract twice: our T-SQL on PostgreSQL through psqlODBC, always; and on a SQL Server, where one is named.
#include "tests/contracts/destination_contract_test.h"
#include "tests/destinations/sqlserver/sqlserver_warehouse.h"

namespace penstock::destinations {
namespace {

std::vector<WarehouseKind> Kinds() {
  std::vector<WarehouseKind> kinds = {{"TsqlOnPostgres", MakeTsqlOnPostgresWarehouse}};
  if (!TestSqlserver().empty()) kinds.push_back({"Sqlserver", MakeSqlserverWarehouse});
  return kinds;
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(Sqlserver, DestinationContract, ::testing::ValuesIn(Kinds()));
INSTANTIATE_TEST_SUITE_P(Sqlserver, ServerContract, ::testing::ValuesIn(Kinds()));
INSTANTIATE_TEST_SUITE_P(Sqlserver, UpkeepContract, ::testing::ValuesIn(Kinds()));
INSTANTIATE_TEST_SUITE_P(Sqlserver, ExistingTable, ::testing::ValuesIn(Kinds()));
INSTANTIATE_TEST_SUITE_P(Sqlserver, EraseContract, ::testing::ValuesIn(Kinds()));
INSTANTIATE_TEST_SUITE_P(Sqlserver, EraseExistingTable, ::testing::ValuesIn(Kinds()));

TEST(SqlserverContract, HasAServer) {
  if (TestSqlserver().empty()) {
    GTEST_SKIP() << "no SQL Server here: name one in PENSTOCK_TEST_SQLSERVER, an ODBC connection string";
  }
}

}  // namespace penstock::destinations
