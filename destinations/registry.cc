// SPDX-License-Identifier: Apache-2.0
#include "destinations/registry.h"

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "destinations/postgres/postgres_destination.h"
#include "destinations/snowflake/snowflake_destination.h"
#include "destinations/sqlite/sqlite_destination.h"
#include "destinations/sqlserver/sqlserver_destination.h"

namespace penstock::destinations {
namespace {

// How long another one's lock is waited for.
constexpr absl::Duration kLockTimeout = absl::Seconds(10);

}  // namespace

absl::StatusOr<std::unique_ptr<Destination>> OpenDestination(const DestinationConfig& config,
                                                             const Clock& clock) {
  switch (config.type) {
    case DestinationType::kSqlite:
      if (config.path.empty()) {
        return absl::InvalidArgumentError(
            absl::StrCat("destination '", config.name,
                         "' names no file; write sqlite:FILE, or `path` in the config file"));
      }
      return std::make_unique<sqlite::SqliteDestination>(config.path, clock, kLockTimeout, config.tables);
    case DestinationType::kPostgres:
      return std::make_unique<postgres::PostgresDestination>(config.postgres, clock, kLockTimeout,
                                                             config.tables);
    case DestinationType::kSnowflake:
      return std::make_unique<snowflake::SnowflakeDestination>(config.snowflake, clock, config.tables);
    case DestinationType::kSqlserver:
      return std::make_unique<sqlserver::SqlserverDestination>(config.sqlserver, clock, kLockTimeout,
                                                               config.tables);
  }
  CHECK(false);
}

}  // namespace penstock::destinations
