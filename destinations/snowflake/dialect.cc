// SPDX-License-Identifier: Apache-2.0
#include "destinations/snowflake/dialect.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/substitute.h"
#include "base/status_macros.h"
#include "destinations/load_cursor.h"
#include "destinations/snowflake/identifier.h"
#include "destinations/snowflake/pieces.h"

namespace penstock::destinations::snowflake {
namespace {

constexpr char kInstant[] = "TIMESTAMP_NTZ(9)";
constexpr absl::Duration kLostRound = absl::Hours(24);

struct Declared {
  std::string name;
  std::string type;
  std::string comment;
};

std::string NativeType(ColumnType type) {
  switch (type) {
    case ColumnType::kText:
      return "VARCHAR";
    case ColumnType::kTimestamp:
      return kInstant;
    case ColumnType::kBoolean:
      return "BOOLEAN";
    case ColumnType::kJson:
      return "VARIANT";
  }
  CHECK(false);
}

std::vector<Declared> Declarations(const Table& table) {
  std::vector<Declared> all;
  for (const Column& column : table.columns)
    all.push_back({column.name, NativeType(column.type), column.comment});
  all.push_back({kExtraColumn, "VARIANT", "Fields that the columns do not know (Json col)"});
  all.push_back({kSequenceColumn, "NUMBER(38,0)", "Number of the row's last change in the Penstock store"});
  all.push_back({kLoadedAtColumn, kInstant, "When the row was written here, UTC"});
  return all;
}

std::string Instant(absl::Time time) {
  return absl::StrCat("'", absl::FormatTime("%Y-%m-%dT%H:%M:%E3S", time, absl::UTCTimeZone()),
                      "'::TIMESTAMP_NTZ");
}

// The round's cursor has moved, in this transaction.
std::string Moved(absl::string_view in, const Round& round) {
  return absl::Substitute("$0 IN (SELECT \"ROUND_ID\" FROM $1)", QuoteText(round.id),
                          TableIn(in, kLoadsTable));
}

// Column i of the rows' text as its type.
std::string Typed(const Target& target, size_t i) {
  const std::string text = absl::StrCat("T", i);
  switch (target.kind) {
    case Kind::kText:
      return text;
    case Kind::kInstantUtc:
      return absl::StrCat(text, "::TIMESTAMP_NTZ");
    case Kind::kInstantZoned:
      return absl::StrCat(text, "::TIMESTAMP_TZ");
    case Kind::kInstantLocal:
      return absl::StrCat(text, "::TIMESTAMP_LTZ");
    case Kind::kBoolean:
      return absl::StrCat(text, "::BOOLEAN");
    case Kind::kVariant:
      // JSON that this system does not take stands there as a string, whole.
      return absl::StrCat("COALESCE(TRY_PARSE_JSON(", text, "), V", i, ")");
    case Kind::kNumber:
      return absl::StrCat(text, "::NUMBER");
    case Kind::kDay:
      return absl::StrCat(text, "::DATE");
  }
  CHECK(false);
}

// The rows of the round, with columns N and C0, C1 .. in the order of the layout. A piece that was staged twice counts
// once.
std::string StagedRows(absl::string_view in, absl::string_view of, const Layout& layout, const Round& round,
                       absl::string_view where_piece, absl::string_view where_row) {
  std::vector<std::string> cells = {"f.VALUE:n::NUMBER AS N"};
  std::vector<std::string> typed = {"N"};
  for (size_t i = 0; i < layout.targets.size(); ++i) {
    cells.push_back(absl::Substitute("f.VALUE:c$0::VARCHAR AS T$0", i));
    if (layout.targets[i].kind == Kind::kVariant) cells.push_back(absl::Substitute("f.VALUE:c$0 AS V$0", i));
    typed.push_back(absl::StrCat(Typed(layout.targets[i], i), " AS C", i));
  }
  return absl::Substitute(
      "(SELECT $0 FROM (SELECT $1 FROM (SELECT LISTAGG(DATA, '') WITHIN GROUP (ORDER BY PIECE) AS ROWS_TEXT "
      "FROM "
      "(SELECT CHUNK, PIECE, ANY_VALUE(DATA) AS DATA FROM $2 WHERE \"ROUND_ID\" = $3 AND \"ENDPOINT\" = $4$5 "
      "GROUP BY "
      "CHUNK, PIECE) GROUP BY CHUNK) s, LATERAL FLATTEN(INPUT => PARSE_JSON(s.ROWS_TEXT)) f)$6)",
      absl::StrJoin(typed, ", "), absl::StrJoin(cells, ", "), TableIn(in, kStageTable), QuoteText(round.id),
      QuoteText(of), where_piece, where_row);
}

// The ids that are staged as erased (Pieces::AddErased).
std::string StagedIds(absl::string_view in, Endpoint endpoint, const Round& round) {
  Layout ids;
  ids.targets = {{"", Kind::kText}, {"", Kind::kText}};
  return StagedRows(in, ErasedRows(endpoint), ids, round, absl::StrCat(" AND ", Moved(in, round)), "");
}

std::string WithoutRefused(const Round& round) {
  return round.without.empty() ? ""
                               : absl::StrCat(" WHERE N NOT IN (", absl::StrJoin(round.without, ", "), ")");
}

// RFC 3339 with a zone; what else a column of text may hold, the cast would guess at.
constexpr char kReadableStamp[] =
    "[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})";

std::string InUtc(const Target& target, const std::string& column) {
  if (target.kind == Kind::kInstantUtc) return column;
  const std::string zoned =
      target.kind == Kind::kText
          ? absl::Substitute("TRY_TO_TIMESTAMP_TZ(CASE WHEN RLIKE($0, '$1') THEN $0 END)", column,
                             kReadableStamp)
          : column;
  return absl::StrCat("CONVERT_TIMEZONE('UTC', ", zoned, ")::TIMESTAMP_NTZ");
}

// Whether the stored row `t` gives way to `s`.
std::string Guard(const Table& table, const Layout& layout) {
  const size_t at = StampColumn(table);
  const Target& stamp = layout.targets[at];
  const std::string mine = InUtc(stamp, absl::StrCat("t.", stamp.name));
  const std::string theirs = InUtc(stamp, absl::StrCat("s.C", at));
  std::vector<std::string> differences;
  // The last one, PENSTOCK_SEQ, tells most of them apart.
  for (size_t i = layout.targets.size() - 1; i > 0; --i) {
    const bool variant = layout.targets[i].kind == Kind::kVariant;  // compared by the text that both have
    differences.push_back(absl::Substitute("$0t.$2$1 IS DISTINCT FROM $0s.C$3$1", variant ? "TO_JSON(" : "",
                                           variant ? ")" : "", layout.targets[i].name, i));
  }
  return absl::Substitute(
      "$0 > $1 OR ($1 IS NULL AND $0 IS NOT NULL) OR ($0 IS NOT DISTINCT FROM $1 AND ($2))", theirs, mine,
      absl::StrJoin(differences, " OR "));
}

std::string Merge(absl::string_view in, const Table& table, const Layout& layout, const Round& round,
                  const std::string& rows) {
  const std::string now =
      layout.loaded_at == Kind::kInstantUtc
          ? Instant(round.now)
          : absl::StrCat("'", absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", round.now, absl::UTCTimeZone()),
                         "'::", layout.loaded_at == Kind::kInstantZoned ? "TIMESTAMP_TZ" : "TIMESTAMP_LTZ");
  std::vector<std::string> names;
  std::vector<std::string> values;
  std::vector<std::string> assignments;
  for (size_t i = 0; i < layout.targets.size(); ++i) {
    names.push_back(layout.targets[i].name);
    values.push_back(absl::StrCat("s.C", i));
    if (i > 0) assignments.push_back(absl::StrCat(names[i], " = ", values[i]));
  }
  names.push_back(QuoteName(kLoadedAtColumn));
  values.push_back(now);
  assignments.push_back(absl::StrCat(names.back(), " = ", now));
  return absl::Substitute(
      "MERGE INTO $0 t USING $1 s ON t.$2 = s.C0 WHEN MATCHED AND ($3) THEN UPDATE SET $4 WHEN NOT MATCHED "
      "THEN INSERT "
      "($5) VALUES ($6)",
      TableIn(in, table.name), rows, layout.targets.front().name, Guard(table, layout),
      absl::StrJoin(assignments, ", "), absl::StrJoin(names, ", "), absl::StrJoin(values, ", "));
}

}  // namespace

std::string Qualified(absl::string_view database, absl::string_view schema) {
  return absl::StrCat(QuoteName(database), ".", QuoteName(schema));
}

std::string TableIn(absl::string_view in, absl::string_view table) {
  return absl::StrCat(in, ".", QuoteName(table));
}

std::string SelectColumns(absl::string_view database, TableNames names) {
  std::vector<std::string> tables;
  for (Endpoint endpoint : kAllEndpoints) tables.push_back(QuoteText(TableOf(names, endpoint).name));
  for (const char* own : {kLoadsTable, kSetAsideTable, kStageTable, kCoverageTable})
    tables.push_back(QuoteText(own));
  return absl::Substitute(
      "SELECT c.TABLE_NAME, t.TABLE_TYPE, c.COLUMN_NAME, c.DATA_TYPE, c.COLLATION_NAME FROM "
      "$0.INFORMATION_SCHEMA.COLUMNS c JOIN $0.INFORMATION_SCHEMA.TABLES t ON t.TABLE_SCHEMA = "
      "c.TABLE_SCHEMA AND "
      "t.TABLE_NAME = c.TABLE_NAME WHERE c.TABLE_SCHEMA = ? AND c.TABLE_NAME IN ($1)",
      QuoteName(database), absl::StrJoin(tables, ", "));
}

std::string CountSchemas(absl::string_view database) {
  return absl::StrCat("SELECT COUNT(*) FROM ", QuoteName(database),
                      ".INFORMATION_SCHEMA.SCHEMATA WHERE SCHEMA_NAME = ?");
}

std::string CreateSchema(absl::string_view in) { return absl::StrCat("CREATE SCHEMA IF NOT EXISTS ", in); }

std::string CreateTable(absl::string_view in, const Table& table) {
  std::vector<std::string> columns;
  for (const Declared& declared : Declarations(table)) {
    columns.push_back(absl::StrCat(QuoteName(declared.name), " ", declared.type,
                                   columns.empty() ? " NOT NULL PRIMARY KEY" : "", " COMMENT ",
                                   QuoteText(declared.comment)));
  }
  return absl::StrCat("CREATE TABLE IF NOT EXISTS ", TableIn(in, table.name), " (\n  ",
                      absl::StrJoin(columns, ",\n  "), "\n)");
}

std::string CreateStageTable(absl::string_view in) {
  return absl::StrCat(
      "CREATE TRANSIENT TABLE IF NOT EXISTS ", TableIn(in, kStageTable),
      " (\"ROUND_ID\" VARCHAR NOT NULL, \"ENDPOINT\" VARCHAR NOT NULL, \"CHUNK\" NUMBER(38,0) NOT "
      "NULL, \"PIECE\" NUMBER(38,0) NOT NULL, \"DATA\" VARCHAR NOT NULL, \"STAGED_AT\" ",
      kInstant, " NOT NULL)");
}

std::string CreateSetAsideTable(absl::string_view in) {
  return absl::StrCat(
      "CREATE TABLE IF NOT EXISTS ", TableIn(in, kSetAsideTable),
      " (\"ENDPOINT\" VARCHAR NOT NULL, \"ID\" VARCHAR NOT NULL, \"CHANGE_NUMBER\" NUMBER(38,0) NOT "
      "NULL, \"REASON\" VARCHAR NOT NULL, \"SET_ASIDE_AT\" ",
      kInstant, " NOT NULL)");
}

std::string CreateLoadsTable(absl::string_view in) {
  return absl::StrCat("CREATE TABLE IF NOT EXISTS ", TableIn(in, kLoadsTable),
                      " AS SELECT 1::NUMBER(38,0) AS \"ID\", ''::VARCHAR AS \"STORE_ID\", 0::NUMBER(38,0) AS "
                      "\"CHANGE_NUMBER\", NULL::",
                      kInstant, " AS \"LOADED_AT\", ''::VARCHAR AS \"ROUND_ID\"");
}

std::string AddColumn(absl::string_view in, const Table& table, absl::string_view column) {
  for (const Declared& declared : Declarations(table)) {
    if (declared.name != column) continue;
    return absl::StrCat("ALTER TABLE ", TableIn(in, table.name), " ADD COLUMN ", QuoteName(column), " ",
                        declared.type);
  }
  CHECK(false);
}

std::string SelectCursor(absl::string_view in) {
  return absl::Substitute(
      "SELECT \"STORE_ID\", \"CHANGE_NUMBER\", \"ROUND_ID\", (SELECT COUNT(*) FROM $1) FROM $0",
      TableIn(in, kLoadsTable), TableIn(in, kSetAsideTable));
}

std::string InsertCursor(absl::string_view in) {
  return absl::Substitute("INSERT INTO $0 SELECT 1, '', 0, NULL, '' WHERE NOT EXISTS (SELECT 1 FROM $0)",
                          TableIn(in, kLoadsTable));
}

std::string ResetCursor(absl::string_view in) {
  return absl::StrCat("UPDATE ", TableIn(in, kLoadsTable),
                      " SET \"STORE_ID\" = '', \"CHANGE_NUMBER\" = 0, \"ROUND_ID\" = ''");
}

std::string SelectSetAside(absl::string_view in) {
  return absl::Substitute(
      "SELECT \"ENDPOINT\", \"ID\", \"CHANGE_NUMBER\", \"REASON\", (SELECT COUNT(*) FROM $0) FROM $0 ORDER "
      "BY "
      "\"CHANGE_NUMBER\" LIMIT 1000",
      TableIn(in, kSetAsideTable));
}

std::string InsertPieces(absl::string_view in, size_t pieces) {
  const std::vector<std::string> rows(pieces, "(?, ?, ?, ?, ?, ?)");
  return absl::StrCat("INSERT INTO ", TableIn(in, kStageTable),
                      " (\"ROUND_ID\", \"ENDPOINT\", \"CHUNK\", \"PIECE\", \"DATA\", \"STAGED_AT\") VALUES ",
                      absl::StrJoin(rows, ", "));
}

std::string MoveCursor(absl::string_view in, const Round& round, size_t pieces, const LoadCursor& from,
                       const LoadCursor& to) {
  return absl::Substitute(
      "UPDATE $0 SET \"STORE_ID\" = $1, \"CHANGE_NUMBER\" = $2, \"LOADED_AT\" = $3, \"ROUND_ID\" = $4 WHERE "
      "\"STORE_ID\" = $5 AND \"CHANGE_NUMBER\" = $6 AND (SELECT COUNT(*) FROM (SELECT DISTINCT \"ENDPOINT\", "
      "\"CHUNK\", "
      "\"PIECE\" FROM $7 WHERE \"ROUND_ID\" = $4)) = $8",
      TableIn(in, kLoadsTable), QuoteText(to.store_id), to.change,
      Same(from, to) ? "\"LOADED_AT\"" : Instant(round.now), QuoteText(round.id), QuoteText(from.store_id),
      from.change, TableIn(in, kStageTable), pieces);
}

std::string MergeRows(absl::string_view in, const Table& table, const Layout& layout, const Round& round) {
  return Merge(in, table, layout, round,
               StagedRows(in, Name(table.endpoint), layout, round, absl::StrCat(" AND ", Moved(in, round)),
                          WithoutRefused(round)));
}

std::string TryRows(absl::string_view in, const Table& table, const Layout& layout, const Round& round,
                    uint64_t first, uint64_t end) {
  return Merge(in, table, layout, round,
               StagedRows(in, Name(table.endpoint), layout, round, "",
                          absl::Substitute(" WHERE N >= $0 AND N < $1", first, end)));
}

std::string DeleteRows(absl::string_view in, const Table& table, const Layout& layout, const Round& round) {
  return absl::Substitute("DELETE FROM $0 WHERE $1 IN (SELECT C0 FROM $2)", TableIn(in, table.name),
                          layout.targets.front().name, StagedIds(in, table.endpoint, round));
}

std::string ForgetErased(absl::string_view in, Endpoint endpoint, const Round& round) {
  return absl::Substitute("DELETE FROM $0 WHERE \"ENDPOINT\" = $1 AND \"ID\" IN (SELECT C1 FROM $2)",
                          TableIn(in, kSetAsideTable), QuoteText(Name(endpoint)),
                          StagedIds(in, endpoint, round));
}

std::string CompareRows(absl::string_view in, const Table& table, const Layout& layout, const Round& round) {
  const Target& stamp = layout.targets[StampColumn(table)];
  const std::string there = InUtc(stamp, absl::StrCat("t.", stamp.name));
  const std::string here = InUtc(stamp, absl::StrCat("s.C", StampColumn(table)));
  return absl::Substitute(
      "SELECT N, MAX(STANDING) FROM (SELECT s.N AS N, CASE WHEN t.$0 IS NULL THEN 3 WHEN $1 > $2 OR ($2 IS "
      "NULL AND $1 "
      "IS NOT NULL) THEN 2 WHEN $3 THEN 1 ELSE 0 END AS STANDING FROM $4 s LEFT JOIN $5 t ON t.$0 = s.C0) "
      "GROUP BY N "
      "HAVING MAX(STANDING) > 0",
      layout.targets.front().name, there, here, Guard(table, layout),
      StagedRows(in, Name(table.endpoint), layout, round, "", ""), TableIn(in, table.name));
}

std::string CountRows(absl::string_view in, const Table& table) {
  return absl::StrCat("SELECT COUNT(*) FROM ", TableIn(in, table.name));
}

std::string CreateCoverageTable(absl::string_view in) {
  return absl::StrCat("CREATE TABLE IF NOT EXISTS ", TableIn(in, kCoverageTable),
                      " (\"ENDPOINT\" VARCHAR NOT NULL, \"DAY\" DATE NOT NULL, \"STATE\" VARCHAR NOT NULL, "
                      "\"ROW_COUNT\" NUMBER(38,0) NOT NULL, \"COUNTED_AT\" ",
                      kInstant, ")");
}

std::string DeleteCoverage(absl::string_view in, const Round& round) {
  return absl::StrCat("DELETE FROM ", TableIn(in, kCoverageTable), " WHERE ", Moved(in, round));
}

std::string InsertCoverage(absl::string_view in, const Round& round) {
  Layout layout;
  layout.targets = {
      {"", Kind::kText}, {"", Kind::kDay}, {"", Kind::kText}, {"", Kind::kNumber}, {"", Kind::kInstantUtc}};
  return absl::StrCat(
      "INSERT INTO ", TableIn(in, kCoverageTable),
      " (\"ENDPOINT\", \"DAY\", \"STATE\", \"ROW_COUNT\", \"COUNTED_AT\") SELECT C0, C1, C2, C3, C4 FROM ",
      StagedRows(in, kCoverageRows, layout, round, absl::StrCat(" AND ", Moved(in, round)), ""), " s");
}

std::string ForgetSetAside(absl::string_view in, const Table& table, const Round& round) {
  Layout key;
  key.targets = {{"", Kind::kText}};
  return absl::Substitute("DELETE FROM $0 WHERE \"ENDPOINT\" = $1 AND \"ID\" IN (SELECT C0 FROM $2)",
                          TableIn(in, kSetAsideTable), QuoteText(Name(table.endpoint)),
                          StagedRows(in, Name(table.endpoint), key, round,
                                     absl::StrCat(" AND ", Moved(in, round)), WithoutRefused(round)));
}

std::string WriteSetAside(absl::string_view in, const SetAsideRow& row, const Round& round) {
  return absl::Substitute(
      "MERGE INTO $0 t USING (SELECT $1 AS ENDPOINT, $2 AS ID WHERE $6) s ON t.\"ENDPOINT\" = s.ENDPOINT AND "
      "t.\"ID\" "
      "= s.ID WHEN MATCHED THEN UPDATE SET \"CHANGE_NUMBER\" = $3, \"REASON\" = $4, \"SET_ASIDE_AT\" = $5 "
      "WHEN NOT "
      "MATCHED THEN INSERT (\"ENDPOINT\", \"ID\", \"CHANGE_NUMBER\", \"REASON\", \"SET_ASIDE_AT\") VALUES "
      "(s.ENDPOINT, "
      "s.ID, $3, $4, $5)",
      TableIn(in, kSetAsideTable), QuoteText(Name(row.endpoint)), QuoteText(row.id), row.change,
      QuoteText(row.reason), Instant(round.now), Moved(in, round));
}

std::string EmptyStage(absl::string_view in, const Round& round) {
  return absl::Substitute("DELETE FROM $0 WHERE \"ROUND_ID\" = $1 OR \"STAGED_AT\" < $2",
                          TableIn(in, kStageTable), QuoteText(round.id), Instant(round.now - kLostRound));
}

std::string ExplainRight(absl::string_view in, const std::string& table, absl::string_view column,
                         absl::string_view right) {
  const std::string qualified = TableIn(in, table);
  const std::string name = QuoteName(column);
  std::string statement;
  if (right == "INSERT") {
    statement = absl::Substitute("INSERT INTO $0 ($1) SELECT '' WHERE 1 = 0", qualified, name);
  } else if (right == "UPDATE") {
    statement = absl::Substitute("UPDATE $0 SET $1 = '' WHERE 1 = 0", qualified, name);
  } else if (right == "DELETE") {
    statement = absl::Substitute("DELETE FROM $0 WHERE 1 = 0", qualified);
  } else {
    statement = absl::Substitute("SELECT COUNT(*) FROM $0", qualified);
  }
  return absl::StrCat("EXPLAIN USING TEXT ", statement);
}

}  // namespace penstock::destinations::snowflake
