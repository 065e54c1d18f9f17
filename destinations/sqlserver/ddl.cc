// SPDX-License-Identifier: Apache-2.0
#include "destinations/sqlserver/ddl.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/substitute.h"
#include "destinations/sqlserver/bookkeeping.h"
#include "destinations/sqlserver/dialect.h"
#include "destinations/sqlserver/sql_text.h"

namespace penstock::destinations::sqlserver {
namespace {

// sqlcmd sends what stands before it.
constexpr char kGo[] = "GO\n";

std::string Tables(const SqlserverConfig& config, TableNames tables, const std::string& loader) {
  std::string sql;
  const auto make = [&](const std::string& name, const std::string& statements) {
    const std::string qualified = Qualified(config.schema, name);
    absl::StrAppend(&sql, "IF OBJECT_ID(", QuoteText(qualified), ") IS NULL BEGIN\n", statements,
                    ";\nEND;\nGRANT SELECT, INSERT, UPDATE, DELETE ON ", qualified, " TO ", loader, ";\n",
                    kGo);
  };
  for (Endpoint endpoint : kAllEndpoints) {
    const Table& table = TableOf(tables, endpoint);
    make(table.name,
         absl::StrCat(CreateTable(config.schema, table), ";\n", DescribeColumns(config.schema, table)));
  }
  const std::pair<const char*, std::string> own[] = {{kLoadsTable, CreateLoadsTable(config.schema)},
                                                     {kSetAsideTable, CreateSetAsideTable(config.schema)},
                                                     {kCoverageTable, CreateCoverageTable(config.schema)}};
  for (const auto& [name, create] : own) make(name, create);
  return sql;
}

}  // namespace

std::string Ddl(const SqlserverConfig& config, TableNames tables, const std::string& reader) {
  const std::string loader = QuoteName(config.user);
  std::string sql = absl::StrCat(
      "-- Penstock's tables, for sqlcmd -I as a member of sysadmin. May be run again.\n"
      "-- Before it, so that the password stands in no file: CREATE LOGIN ",
      absl::StrReplaceAll(loader, {{"\n", " "}}),
      " WITH PASSWORD = '..'\n"
      "-- Who reads joins the reader's role: ALTER ROLE ",
      absl::StrReplaceAll(QuoteName(reader), {{"\n", " "}}), " ADD MEMBER somebody\n");
  return absl::StrCat(
      sql,
      absl::Substitute(
          "IF DB_ID($0) IS NULL CREATE DATABASE $1;\n"
          "GO\n"
          "USE $1;\n"
          "GO\n"
          "IF SCHEMA_ID($2) IS NULL EXEC($3);\n"
          "IF DATABASE_PRINCIPAL_ID($4) IS NULL CREATE USER $5 FOR LOGIN $5 WITH DEFAULT_SCHEMA = $6;\n"
          "IF DATABASE_PRINCIPAL_ID($7) IS NULL CREATE ROLE $8;\n"
          "GO\n",
          QuoteText(config.database), QuoteName(config.database), QuoteText(config.schema),
          QuoteText(CreateSchema(config.schema)), QuoteText(config.user), loader, QuoteName(config.schema),
          QuoteText(reader), QuoteName(reader)),
      Tables(config, tables, loader),
      absl::Substitute("-- What a later version's loader adds there.\n"
                       "GRANT CREATE TABLE TO $0;\n"
                       "GRANT SELECT, INSERT, UPDATE, DELETE, ALTER ON SCHEMA::$1 TO $0;\n"
                       "GRANT SELECT ON SCHEMA::$1 TO $2;\n"
                       "GO\n",
                       loader, QuoteName(config.schema), QuoteName(reader)));
}

}  // namespace penstock::destinations::sqlserver
