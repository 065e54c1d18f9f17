// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "tests/contracts/destination_contract_test.h"

namespace penstock::destinations {

// A schema of its own, in T-SQL on PostgresServer::Shared() (tsql_on_postgres.h).
std::unique_ptr<Warehouse> MakeTsqlOnPostgresWarehouse();

// The ODBC connection string of PENSTOCK_TEST_SQLSERVER, with its password: of a login that may make schemas and
// users in its database. Empty: there is no server to test with.
std::string TestSqlserver();
// A schema and a user of its own there; both go with the warehouse.
std::unique_ptr<Warehouse> MakeSqlserverWarehouse();

}  // namespace penstock::destinations
