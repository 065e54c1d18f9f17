// SPDX-License-Identifier: Apache-2.0
#include "destinations/ddl.h"

#include "absl/strings/str_cat.h"
#include "destinations/postgres/ddl.h"
#include "destinations/sqlite/ddl.h"
#include "destinations/sqlserver/ddl.h"

namespace penstock::destinations {

absl::StatusOr<std::string> Ddl(const DestinationConfig& config, const std::string& reader) {
  if (config.type == DestinationType::kSqlite) return sqlite::Ddl(config.tables);
  if (config.type == DestinationType::kPostgres) return postgres::Ddl(config.postgres, config.tables, reader);
  if (config.type == DestinationType::kSqlserver) {
    if (config.sqlserver.user.empty() || config.sqlserver.database.empty()) {
      return absl::FailedPreconditionError(absl::StrCat(
          "destination '", config.name, "': name Database and UID beside the data source for its DDL"));
    }
    return sqlserver::Ddl(config.sqlserver, config.tables, reader);
  }
  return absl::FailedPreconditionError(
      absl::StrCat("destination '", config.name,
                   "': its tables are made by the first load; docs/operating.md has its rights"));
}

}  // namespace penstock::destinations
