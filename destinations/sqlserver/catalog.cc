// SPDX-License-Identifier: Apache-2.0
#include "destinations/sqlserver/catalog.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/substitute.h"
#include "destinations/sqlserver/sql_text.h"
#include "destinations/table_profile.h"

namespace penstock::destinations::sqlserver {
namespace {

std::string TableList(TableNames names) {
  std::vector<std::string> all;
  for (Endpoint endpoint : kAllEndpoints) all.push_back(QuoteText(TableOf(names, endpoint).name));
  for (const char* own : {kLoadsTable, kSetAsideTable, kCoverageTable}) all.push_back(QuoteText(own));
  return absl::StrJoin(all, ", ");
}

}  // namespace

std::string SelectColumns(absl::string_view schema, TableNames names) {
  return absl::Substitute(
      "SELECT o.name, o.type, c.name, y.name, c.max_length, c.scale, c.collation_name, CASE WHEN "
      "c.is_computed = 1 OR c.is_identity = 1 THEN 1 ELSE 0 END FROM sys.objects AS o JOIN sys.schemas AS s "
      "ON s.schema_id = o.schema_id JOIN sys.columns AS c ON c.object_id = o.object_id JOIN sys.types AS y "
      "ON y.user_type_id = c.user_type_id WHERE s.name = $0 AND o.type IN ('U', 'V') AND o.name IN ($1)",
      QuoteText(schema), TableList(names));
}

std::string SelectIndexes(absl::string_view schema, TableNames names) {
  return absl::Substitute(
      "SELECT o.name, c.name, CASE WHEN i.is_unique = 1 THEN 1 ELSE 0 END, (SELECT COUNT(*) FROM "
      "sys.index_columns AS k WHERE k.object_id = i.object_id AND k.index_id = i.index_id AND "
      "k.is_included_column = 0) FROM sys.indexes AS i JOIN sys.objects AS o ON o.object_id = i.object_id "
      "JOIN sys.schemas AS s ON s.schema_id = o.schema_id JOIN sys.index_columns AS x ON x.object_id = "
      "i.object_id AND x.index_id = i.index_id AND x.key_ordinal = 1 JOIN sys.columns AS c ON c.object_id = "
      "x.object_id AND c.column_id = x.column_id WHERE s.name = $0 AND i.is_disabled = 0 AND i.has_filter = "
      "0 AND o.name IN ($1)",
      QuoteText(schema), TableList(names));
}

std::string CountSchemas(absl::string_view schema) {
  return absl::StrCat("SELECT COUNT(*) FROM sys.schemas WHERE name = ", QuoteText(schema));
}

std::string CountTables(absl::string_view schema, absl::string_view table) {
  return absl::Substitute(
      "SELECT COUNT(*) FROM sys.objects AS o JOIN sys.schemas AS s ON s.schema_id = o.schema_id WHERE s.name "
      "= $0 AND o.name = $1",
      QuoteText(schema), QuoteText(table));
}

std::string SelectRights(absl::string_view schema) {
  return absl::Substitute(
      "SELECT CASE WHEN SCHEMA_ID($0) IS NULL THEN 0 ELSE 1 END, HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), "
      "N'DATABASE', N'CREATE TABLE'), HAS_PERMS_BY_NAME($1, N'SCHEMA', N'ALTER'), "
      "HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), N'DATABASE', N'CREATE SCHEMA'), CASE WHEN "
      "CAST(DATABASEPROPERTYEX(DB_NAME(), N'Updateability') AS nvarchar(20)) = N'READ_ONLY' THEN 1 ELSE 0 "
      "END",
      QuoteText(schema), QuoteText(QuoteName(schema)));
}

std::string SelectTableRights(absl::string_view schema, absl::string_view table) {
  std::vector<std::string> rights;
  for (const char* right : {"SELECT", "INSERT", "UPDATE", "DELETE", "ALTER"}) {
    rights.push_back(absl::StrCat("HAS_PERMS_BY_NAME(", QuoteText(Qualified(schema, table)),
                                  ", N'OBJECT', N'", right, "')"));
  }
  return absl::StrCat("SELECT ", absl::StrJoin(rights, ", "));
}

}  // namespace penstock::destinations::sqlserver
