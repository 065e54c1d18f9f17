// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace penstock::destinations {

// What makes PostgreSQL understand our T-SQL: no server of Microsoft's runs in the tests, and this one keeps
// transactions, locks, types and unique keys as strictly. What only SQL Server does (its collations, its blanks,
// its limits) stays untold; the golden tests show the T-SQL itself.

// Makes the catalogue (sys.objects ..) and the functions (HAS_PERMS_BY_NAME ..) that the T-SQL asks.
std::string CreateTsqlCatalog();

// One batch of destinations/sqlserver as PostgreSQL takes it. Names become small letters.
std::string FromTsql(const std::string& tsql);

// The number that SQL Server gives to what PostgreSQL calls by this SQLSTATE; 0: it has none.
int NativeErrorOf(const std::string& sql_state);

}  // namespace penstock::destinations
