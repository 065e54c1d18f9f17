// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/config.h"
#include "destinations/sqlserver/connection.h"

namespace penstock::destinations {

// PostgresServer::Shared() through unixODBC and Debian's psqlODBC: the real ODBC shell, a real server.
SqlserverConfig OdbcToPostgres(const std::string& schema);

// The same, spoken to in T-SQL (postgres_dialect.h).
absl::StatusOr<std::unique_ptr<sqlserver::Connection>> OpenTsqlOnPostgres(const SqlserverConfig& config);

}  // namespace penstock::destinations
