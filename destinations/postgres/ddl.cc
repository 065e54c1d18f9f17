// SPDX-License-Identifier: Apache-2.0
#include "destinations/postgres/ddl.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/substitute.h"
#include "destinations/postgres/dialect.h"

namespace penstock::destinations::postgres {
namespace {

// psql runs what the query answers.
std::string Unless(const std::string& exists, const std::string& statement) {
  return absl::StrCat("SELECT ", QuoteText(statement), " WHERE NOT EXISTS (", exists, ") \\gexec\n");
}

std::string MakeRole(const std::string& role, const char* may) {
  return Unless(absl::StrCat("SELECT FROM pg_roles WHERE rolname = ", QuoteText(role)),
                absl::StrCat("CREATE ROLE ", QuoteName(role), " ", may));
}

std::string Tables(const PostgresConfig& config, TableNames tables, const std::string& loader) {
  std::string sql;
  for (Endpoint endpoint : kAllEndpoints) {
    const Table& table = TableOf(tables, endpoint);
    const std::string name = Qualified(config.schema, table.name);
    absl::StrAppend(&sql, CreateTable(config.schema, table), "COMMENT ON TABLE ", name, " IS ",
                    QuoteText(absl::StrCat("Moveworks Data API: ", Name(endpoint))),
                    ";\nGRANT SELECT, INSERT, UPDATE, DELETE ON ", name, " TO ", loader, ";\n\n");
  }
  const std::pair<const char*, std::string> own[] = {{kLoadsTable, CreateLoadsTable(config.schema)},
                                                     {kSetAsideTable, CreateSetAsideTable(config.schema)},
                                                     {kCoverageTable, CreateCoverageTable(config.schema)}};
  for (const auto& [name, create] : own) {
    absl::StrAppend(&sql, create, ";\nGRANT SELECT, INSERT, UPDATE, DELETE ON ",
                    Qualified(config.schema, name), " TO ", loader, ";\n\n");
  }
  return sql;
}

}  // namespace

std::string Ddl(const PostgresConfig& config, TableNames tables, const std::string& reader) {
  const std::string loader = QuoteName(config.user);
  const std::string database = QuoteName(config.database);
  const std::string schema = QuoteName(config.schema);
  // A line break in a name would end the comment.
  const std::string shown = absl::StrReplaceAll(config.user, {{"\n", " "}});
  std::string sql = absl::StrCat(
      "-- Penstock's tables, for psql as a superuser. May be run again.\n"
      "-- Then give the loader its password: \\password ",
      shown,
      "\n"
      "-- Who reads gets the reader's role: GRANT ",
      QuoteName(reader),
      " TO somebody\n"
      "\\set ON_ERROR_STOP on\n");
  absl::StrAppend(&sql, MakeRole(config.user, "LOGIN"), MakeRole(reader, "NOLOGIN"),
                  Unless(absl::StrCat("SELECT FROM pg_database WHERE datname = ", QuoteText(config.database)),
                         absl::StrCat("CREATE DATABASE ", database, " TEMPLATE template0 ENCODING 'UTF8'")),
                  "\\connect ", database, "\n\n");
  absl::StrAppend(
      &sql,
      absl::Substitute("GRANT CONNECT, TEMPORARY ON DATABASE $0 TO $1;\n"
                       "GRANT CONNECT ON DATABASE $0 TO $2;\n"
                       "CREATE SCHEMA IF NOT EXISTS $3;\n"
                       "GRANT USAGE, CREATE ON SCHEMA $3 TO $1;\n"
                       "GRANT USAGE ON SCHEMA $3 TO $2;\n\n",
                       database, loader, QuoteName(reader), schema),
      Tables(config, tables, loader),
      absl::Substitute("GRANT SELECT ON ALL TABLES IN SCHEMA $0 TO $1;\n"
                       "-- What a later version's loader makes there too.\n"
                       "ALTER DEFAULT PRIVILEGES FOR ROLE $2 IN SCHEMA $0 GRANT SELECT ON TABLES TO $1;\n",
                       schema, QuoteName(reader), loader));
  return sql;
}

}  // namespace penstock::destinations::postgres
