// SPDX-License-Identifier: Apache-2.0
#include "destinations/sqlserver/bookkeeping.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "destinations/sqlserver/dialect.h"
#include "destinations/sqlserver/sql_text.h"

namespace penstock::destinations::sqlserver {

std::string CreateLoadsTable(absl::string_view schema) {
  return absl::Substitute(
      "CREATE TABLE $0 (\n"
      "  [ID] smallint NOT NULL PRIMARY KEY CHECK ([ID] = 1),\n"
      "  [STORE_ID] nvarchar(400) NOT NULL,\n"
      "  [CHANGE_NUMBER] bigint NOT NULL,\n"
      "  [LOADED_AT] $1 NOT NULL,\n"
      "  [ROWS_WRITTEN] bigint NOT NULL\n)",
      Qualified(schema, kLoadsTable), kInstantType);
}

// Without a key: an id that is too long for one may be just what is named here.
std::string CreateSetAsideTable(absl::string_view schema) {
  return absl::Substitute(
      "CREATE TABLE $0 (\n"
      "  [ENDPOINT] nvarchar(40) NOT NULL,\n"
      "  [ID] nvarchar(max) NOT NULL,\n"
      "  [CHANGE_NUMBER] bigint NOT NULL,\n"
      "  [REASON] nvarchar(max) NOT NULL,\n"
      "  [SET_ASIDE_AT] $1 NOT NULL\n)",
      Qualified(schema, kSetAsideTable), kInstantType);
}

std::string CreateCoverageTable(absl::string_view schema) {
  return absl::Substitute(
      "CREATE TABLE $0 (\n"
      "  [ENDPOINT] nvarchar(40) NOT NULL,\n"
      "  [DAY] date NOT NULL,\n"
      "  [STATE] nvarchar(40) NOT NULL,\n"
      "  [ROW_COUNT] bigint NOT NULL,\n"
      "  [COUNTED_AT] $1 NULL,\n"
      "  PRIMARY KEY ([ENDPOINT], [DAY])\n)",
      Qualified(schema, kCoverageTable), kInstantType);
}

std::string LockCursor(absl::string_view schema) {
  return absl::StrCat("UPDATE ", Qualified(schema, kLoadsTable),
                      " SET [ROWS_WRITTEN] = [ROWS_WRITTEN] WHERE [ID] = 1");
}

std::string SelectCursor(absl::string_view schema) {
  return absl::Substitute(
      "SELECT l.[STORE_ID], l.[CHANGE_NUMBER], (SELECT COUNT(*) FROM $0) FROM (SELECT 1 AS [ONE]) AS o LEFT "
      "JOIN $1 AS l ON l.[ID] = o.[ONE]",
      Qualified(schema, kSetAsideTable), Qualified(schema, kLoadsTable));
}

std::string UpdateCursor(absl::string_view schema, const LoadCursor& to, absl::Time now, uint64_t written) {
  return absl::Substitute(
      "UPDATE $0 SET [STORE_ID] = $1, [CHANGE_NUMBER] = $2, [LOADED_AT] = $3, [ROWS_WRITTEN] = "
      "[ROWS_WRITTEN] + $4 WHERE [ID] = 1",
      Qualified(schema, kLoadsTable), QuoteText(to.store_id), to.change, InstantLiteral(now), written);
}

std::string InsertCursor(absl::string_view schema, const LoadCursor& to, absl::Time now, uint64_t written) {
  return absl::Substitute(
      "INSERT INTO $0 ([ID], [STORE_ID], [CHANGE_NUMBER], [LOADED_AT], [ROWS_WRITTEN]) VALUES (1, $1, $2, "
      "$3, $4)",
      Qualified(schema, kLoadsTable), QuoteText(to.store_id), to.change, InstantLiteral(now), written);
}

std::string DeleteCursor(absl::string_view schema) {
  return absl::StrCat("DELETE FROM ", Qualified(schema, kLoadsTable));
}

std::string ForgetSetAside(absl::string_view schema, const Table& table) {
  return absl::Substitute(
      "DELETE FROM $0 WHERE [ENDPOINT] = $1 AND CONVERT(varbinary(max), [ID]) IN (SELECT "
      "CONVERT(varbinary(max), s.$2) FROM $3 AS s)",
      Qualified(schema, kSetAsideTable), QuoteText(Name(table.endpoint)),
      QuoteName(table.columns.front().name), StageName(table));
}

std::string DeleteSetAside(absl::string_view schema) {
  const std::string table = Qualified(schema, kSetAsideTable);
  return absl::Substitute(
      "DELETE FROM $0 WHERE EXISTS (SELECT 1 FROM $1 WHERE j.[e] = [ENDPOINT] COLLATE $2 AND "
      "CONVERT(varbinary(max), j.[i]) = CONVERT(varbinary(max), [ID]))",
      table, FromJson({"[e] nvarchar(40)", "[i] nvarchar(max)"}), kIdCollation);
}

std::string InsertSetAside(absl::string_view schema) {
  return absl::Substitute(
      "INSERT INTO $0 ([ENDPOINT], [ID], [CHANGE_NUMBER], [REASON], [SET_ASIDE_AT]) SELECT j.[e], j.[i], "
      "j.[n], j.[r], j.[t] FROM $1",
      Qualified(schema, kSetAsideTable),
      FromJson({"[e] nvarchar(40)", "[i] nvarchar(max)", "[n] bigint", "[r] nvarchar(max)",
                absl::StrCat("[t] ", kInstantType)}));
}

std::string SelectSetAside(absl::string_view schema, size_t limit) {
  return absl::Substitute(
      "SELECT [ENDPOINT], [ID], [CHANGE_NUMBER], [REASON], COUNT(*) OVER () FROM $0 ORDER BY [CHANGE_NUMBER] "
      "OFFSET 0 ROWS FETCH NEXT $1 ROWS ONLY",
      Qualified(schema, kSetAsideTable), limit);
}

std::string DeleteCoverage(absl::string_view schema) {
  return absl::StrCat("DELETE FROM ", Qualified(schema, kCoverageTable));
}

std::string InsertCoverage(absl::string_view schema) {
  return absl::Substitute(
      "INSERT INTO $0 ([ENDPOINT], [DAY], [STATE], [ROW_COUNT], [COUNTED_AT]) SELECT j.[e], j.[d], j.[s], "
      "j.[n], j.[t] FROM $1",
      Qualified(schema, kCoverageTable),
      FromJson({"[e] nvarchar(40)", "[d] date", "[s] nvarchar(40)", "[n] bigint",
                absl::StrCat("[t] ", kInstantType)}));
}

}  // namespace penstock::destinations::sqlserver
