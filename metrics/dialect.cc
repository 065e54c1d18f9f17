// SPDX-License-Identifier: Apache-2.0
#include "metrics/dialect.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/status_macros.h"
#include "destinations/table_profile.h"
#include "metrics/dialects/postgres.h"
#include "metrics/dialects/snowflake.h"
#include "metrics/dialects/sqlite.h"

namespace penstock::metrics {

std::string Dialect::TableName(Endpoint endpoint) const {
  return destinations::TableOf(tables_, endpoint).name;
}

std::string Dialect::Column(Endpoint endpoint, absl::string_view field) const {
  for (const destinations::Column& column : destinations::TableOf(tables_, endpoint).columns) {
    if (column.fields.front() == field) return QuoteName(column.name);
  }
  CHECK(false);
}

std::string Dialect::Quote(absl::string_view text) const {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "''"}}), "'");
}

std::string Dialect::Flag(const std::string& column) const {
  return absl::StrCat("CASE WHEN ", column, " THEN 1 ELSE 0 END");
}

std::vector<std::string> Dialect::CreateView(const std::string& name, const std::string& sql) const {
  return {absl::StrCat("CREATE OR REPLACE VIEW ", name, " AS\n", sql)};
}

absl::StatusOr<std::unique_ptr<Dialect>> DialectOf(const DestinationConfig& destination) {
  if (destination.type == DestinationType::kSqlite)
    return std::make_unique<SqliteDialect>(destination.tables);
  if (destination.type == DestinationType::kPostgres) {
    return std::make_unique<PostgresDialect>(destination.postgres, destination.tables);
  }
  if (destination.type == DestinationType::kSnowflake) {
    return std::make_unique<SnowflakeDialect>(destination.snowflake, destination.tables);
  }
  return absl::UnimplementedError(absl::StrCat("the metrics do not speak the SQL of '", destination.name,
                                               "' yet; they know sqlite, postgres and snowflake"));
}

}  // namespace penstock::metrics
