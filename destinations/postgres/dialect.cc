// SPDX-License-Identifier: Apache-2.0
#include "destinations/postgres/dialect.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/substitute.h"
#include "base/status_macros.h"

namespace penstock::destinations::postgres {
namespace {

// RFC 3339 with a zone, on a day that exists: the cast behind it cannot fail, and words like 'yesterday', which
// the server would take for a time, are none.
constexpr char kReadableStamp[] =
    "^(\\d{4}-(((0[13578]|1[02])-(0[1-9]|[12]\\d|3[01]))|((0[469]|11)-(0[1-9]|[12]\\d|30))|(02-(0[1-9]|1\\d|"
    "2[0-8])))|(\\d\\d(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)"
    "[Tt]([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,9})?([Zz]|[+-](0\\d|1[0-4]):[0-5]\\d)$";

struct Declared {
  std::string name;  // as in the profile
  std::string type;
  std::string comment;
};

std::string NativeType(ColumnType type) {
  switch (type) {
    case ColumnType::kText:
      return "text";
    case ColumnType::kTimestamp:
      return "timestamptz";
    case ColumnType::kBoolean:
      return "boolean";
    case ColumnType::kJson:
      return "jsonb";
  }
  CHECK(false);
}

std::vector<Declared> Declarations(const Table& table) {
  std::vector<Declared> all;
  for (const Column& column : table.columns)
    all.push_back({column.name, NativeType(column.type), column.comment});
  all.push_back({kExtraColumn, "jsonb", "Fields that the columns do not know (Json col)"});
  all.push_back({kSequenceColumn, "bigint", "Number of the row's last change in the Penstock store"});
  all.push_back({kLoadedAtColumn, "timestamptz", "When the row was written here"});
  return all;
}

std::string Small(absl::string_view name) { return QuoteName(absl::AsciiStrToLower(name)); }

std::string Names(const Layout& layout) {
  return absl::StrJoin(layout.targets, ",",
                       [](std::string* out, const Target& target) { absl::StrAppend(out, target.name); });
}

// SET of everything but the key, from `other`.
std::string Assignments(const Layout& layout, absl::string_view other) {
  std::vector<std::string> all;
  for (size_t i = 1; i < layout.targets.size(); ++i) {
    all.push_back(absl::StrCat(layout.targets[i].name, "=", other, ".", layout.targets[i].name));
  }
  all.push_back(absl::StrCat(Small(kLoadedAtColumn), "=$1"));
  return absl::StrJoin(all, ",");
}

std::string Instant(const Target& target, absl::string_view row) {
  const std::string column = absl::StrCat(row, ".", target.name);
  const std::string value = target.text_stamp ? absl::Substitute("CASE WHEN $0 ~ $1 THEN $0::timestamptz END",
                                                                 column, QuoteText(kReadableStamp))
                                              : absl::StrCat(column, "::timestamptz");
  return absl::StrCat("coalesce(", value, ",'-infinity')");
}

// Whether anything but PENSTOCK_LOADED_AT differs between the stored row `t` and `other`.
std::string Differs(const Layout& layout, absl::string_view other) {
  std::vector<std::string> differences;
  // The last one, PENSTOCK_SEQ, tells most of them apart.
  for (size_t i = layout.targets.size() - 1; i > 0; --i) {
    const Target& target = layout.targets[i];
    const char* cast = target.comparable ? "" : "::text";
    differences.push_back(
        absl::StrCat("t.", target.name, cast, " IS DISTINCT FROM ", other, ".", target.name, cast));
  }
  return absl::StrJoin(differences, " OR ");
}

// Whether the stored row `t` gives way to `other`.
std::string Guard(const Table& table, const Layout& layout, absl::string_view other) {
  const Target& stamp = layout.targets[StampColumn(table)];
  const std::string mine = Instant(stamp, "t");
  const std::string theirs = Instant(stamp, other);
  return absl::StrCat(theirs, " > ", mine, " OR (", theirs, " = ", mine, " AND (", Differs(layout, other),
                      "))");
}

}  // namespace

std::string QuoteName(absl::string_view name) {
  return absl::StrCat("\"", absl::StrReplaceAll(name, {{"\"", "\"\""}}), "\"");
}

std::string QuoteText(absl::string_view text) {
  // E'' reads the same whatever standard_conforming_strings says.
  return absl::StrCat("E'", absl::StrReplaceAll(text, {{"'", "''"}, {"\\", "\\\\"}}), "'");
}

std::string Qualified(absl::string_view schema, absl::string_view name) {
  return absl::StrCat(QuoteName(schema), ".", Small(name));
}

std::string CreateTable(absl::string_view schema, const Table& table) {
  const std::vector<Declared> columns = Declarations(table);
  const std::string name = Qualified(schema, table.name);
  std::string sql = absl::StrCat("CREATE TABLE IF NOT EXISTS ", name, " (\n");
  std::string comments;
  for (size_t i = 0; i < columns.size(); ++i) {
    absl::StrAppend(&sql, "  ", Small(columns[i].name), " ", columns[i].type,
                    i == 0 ? " NOT NULL PRIMARY KEY" : "", i + 1 < columns.size() ? "," : "", "\n");
    absl::StrAppend(&comments, "COMMENT ON COLUMN ", name, ".", Small(columns[i].name), " IS ",
                    QuoteText(columns[i].comment), ";\n");
  }
  return absl::StrCat(sql, ");\n", comments);
}

std::string CreateLoadsTable(absl::string_view schema) {
  return absl::Substitute(
      "CREATE TABLE IF NOT EXISTS $0 (\n"
      "  \"id\" smallint NOT NULL PRIMARY KEY CHECK (\"id\" = 1),\n"
      "  \"store_id\" text NOT NULL,\n"
      "  \"change_number\" bigint NOT NULL,\n"
      "  \"loaded_at\" timestamptz NOT NULL,\n"
      "  \"rows_written\" bigint NOT NULL\n);\n"
      "COMMENT ON TABLE $0 IS 'Every change of the Penstock store up to change_number is loaded'",
      Qualified(schema, kLoadsTable));
}

std::string CreateSetAsideTable(absl::string_view schema) {
  return absl::Substitute(
      "CREATE TABLE IF NOT EXISTS $0 (\n"
      "  \"endpoint\" text NOT NULL,\n"
      "  \"id\" text NOT NULL,\n"
      "  \"change_number\" bigint NOT NULL,\n"
      "  \"reason\" text NOT NULL,\n"
      "  \"set_aside_at\" timestamptz NOT NULL,\n"
      "  PRIMARY KEY (\"endpoint\", \"id\")\n);\n"
      "COMMENT ON TABLE $0 IS 'Rows that were refused for what is in them; the Penstock store has them "
      "whole'",
      Qualified(schema, kSetAsideTable));
}

std::string AddColumn(absl::string_view schema, const Table& table, absl::string_view column) {
  for (const Declared& declared : Declarations(table)) {
    if (declared.name != column) continue;
    return absl::StrCat("ALTER TABLE ", Qualified(schema, table.name), " ADD COLUMN ", Small(column), " ",
                        declared.type);
  }
  CHECK(false);
}

std::string CreateKeyIndex(absl::string_view schema, const Table& table) {
  return absl::StrCat("CREATE INDEX ON ", Qualified(schema, table.name), "(",
                      Small(table.columns.front().name), ")");
}

std::string StageName(const Table& table) {
  return absl::StrCat("pg_temp.", Small(absl::StrCat("PENSTOCK_STAGE_", Name(table.endpoint))));
}

std::string CreateStage(const Table& table, const Layout& layout) {
  const std::string stage = StageName(table);
  std::string columns;
  std::string external;
  for (const Target& target : layout.targets) {
    absl::StrAppend(&columns, columns.empty() ? "" : ", ", target.name, " ", target.type);
    // Long values are compressed once, by the table, not also on the way.
    if (target.wire == Wire::kText || target.wire == Wire::kJsonb) {
      absl::StrAppend(&external, external.empty() ? "" : ", ", "ALTER COLUMN ", target.name,
                      " SET STORAGE EXTERNAL");
    }
  }
  return absl::StrCat("DROP TABLE IF EXISTS ", stage, "; CREATE TEMPORARY TABLE ",
                      stage.substr(stage.find('.') + 1), " (", columns,
                      ") ON COMMIT DELETE ROWS; ALTER TABLE ", stage, " ", external);
}

std::string CopyIntoStage(const Table& table) {
  return absl::StrCat("COPY ", StageName(table), " FROM STDIN (FORMAT binary)");
}

std::string UpsertStage(absl::string_view schema, const Table& table, const Layout& layout) {
  const std::string names = Names(layout);
  return absl::StrCat("INSERT INTO ", Qualified(schema, table.name), " AS t(", names, ",",
                      Small(kLoadedAtColumn), ") SELECT ", names, ",$1::timestamptz FROM ", StageName(table),
                      " ON CONFLICT(", layout.targets.front().name, ") DO UPDATE SET ",
                      Assignments(layout, "excluded"), " WHERE ", Guard(table, layout, "excluded"));
}

std::string LockTable(absl::string_view schema, absl::string_view name) {
  return absl::StrCat("LOCK TABLE ", Qualified(schema, name), " IN SHARE ROW EXCLUSIVE MODE");
}

std::string UpdateFromStage(absl::string_view schema, const Table& table, const Layout& layout) {
  const std::string& key = layout.targets.front().name;
  return absl::StrCat("WITH given AS (UPDATE ", Qualified(schema, table.name), " AS t SET ",
                      Assignments(layout, "s"), " FROM ", StageName(table), " AS s WHERE t.", key, " = s.",
                      key, " AND (", Guard(table, layout, "s"), ") RETURNING s.", key, " AS id) ",
                      "SELECT count(DISTINCT id) FROM given");
}

std::string InsertFromStage(absl::string_view schema, const Table& table, const Layout& layout) {
  const std::string names = Names(layout);
  const std::string& key = layout.targets.front().name;
  return absl::StrCat("INSERT INTO ", Qualified(schema, table.name), "(", names, ",", Small(kLoadedAtColumn),
                      ") SELECT ", names, ",$1::timestamptz FROM ", StageName(table),
                      " AS s WHERE NOT EXISTS (SELECT 1 FROM ", Qualified(schema, table.name),
                      " AS t WHERE t.", key, " = s.", key, ")");
}

std::string CompareStage(absl::string_view schema, const Table& table, const Layout& layout) {
  const Target& stamp = layout.targets[StampColumn(table)];
  const std::string& key = layout.targets.front().name;
  const std::string sequence = Small(kSequenceColumn);
  return absl::Substitute(
      "SELECT $0, standing FROM (SELECT s.$0, CASE WHEN t.$1 IS NULL THEN 3 WHEN $2 < $3 THEN 2 WHEN $2 > $3 "
      "OR $4 THEN 1 ELSE 0 END AS standing FROM $5 AS s LEFT JOIN $6 AS t ON t.$1 = s.$1) AS compared WHERE "
      "standing > 0",
      sequence, key, Instant(stamp, "s"), Instant(stamp, "t"), Differs(layout, "s"), StageName(table),
      Qualified(schema, table.name));
}

std::string CountRows(absl::string_view schema, const Table& table) {
  return absl::StrCat("SELECT count(*) FROM ", Qualified(schema, table.name));
}

std::vector<std::pair<std::string, std::string>> DeclaredTypes(const Table& table) {
  std::vector<std::pair<std::string, std::string>> types;
  for (const Declared& declared : Declarations(table)) {
    types.emplace_back(declared.name, declared.type == "boolean"  ? "bool"
                                      : declared.type == "bigint" ? "int8"
                                                                  : declared.type);
  }
  return types;
}

std::string CountDuplicates(absl::string_view schema, const Table& table) {
  return absl::Substitute(
      "SELECT (SELECT count(*) FROM $0), (SELECT count(*) FROM $0 WHERE $1 IS NULL), count(*), "
      "coalesce(sum(n - 1), 0)::bigint FROM (SELECT count(*) AS n FROM $0 WHERE $1 IS NOT NULL GROUP BY $1 "
      "HAVING count(*) > 1) AS d",
      Qualified(schema, table.name), Small(table.columns.front().name));
}

std::string SelectDuplicates(absl::string_view schema, const Table& table) {
  return absl::Substitute(
      "SELECT $1, count(*) FROM $0 WHERE $1 IS NOT NULL GROUP BY $1 HAVING count(*) > 1 ORDER BY 2 DESC, 1 "
      "LIMIT $$1",
      Qualified(schema, table.name), Small(table.columns.front().name));
}

std::string RemoveDuplicates(absl::string_view schema, const Table& table, const std::optional<Target>& stamp,
                             bool has_sequence) {
  std::string newest_first;
  if (stamp.has_value()) absl::StrAppend(&newest_first, Instant(*stamp, "t"), " DESC, ");
  if (has_sequence) absl::StrAppend(&newest_first, "t.", Small(kSequenceColumn), " DESC NULLS LAST, ");
  return absl::Substitute(
      "DELETE FROM $0 AS d USING (SELECT t.tableoid AS part, t.ctid AS place, row_number() OVER (PARTITION "
      "BY t.$1 "
      "ORDER BY $2t.ctid DESC) AS n FROM $0 AS t WHERE t.$1 IS NOT NULL) AS o WHERE o.n > 1 AND d.ctid = "
      "o.place "
      "AND d.tableoid = o.part",
      Qualified(schema, table.name), Small(table.columns.front().name), newest_first);
}

std::string CreateUniqueKey(absl::string_view schema, const Table& table) {
  return absl::StrCat("CREATE UNIQUE INDEX ON ", Qualified(schema, table.name), "(",
                      Small(table.columns.front().name), ")");
}

std::string CreateCoverageTable(absl::string_view schema) {
  return absl::Substitute(
      "CREATE TABLE IF NOT EXISTS $0 (\n"
      "  \"endpoint\" text NOT NULL,\n"
      "  \"day\" date NOT NULL,\n"
      "  \"state\" text NOT NULL,\n"
      "  \"row_count\" bigint NOT NULL,\n"
      "  \"counted_at\" timestamptz,\n"
      "  PRIMARY KEY (\"endpoint\", \"day\")\n);\n"
      "COMMENT ON TABLE $0 IS 'How complete each UTC day is: settled, provisional, suspect, missing, lost, "
      "before; users: the day of the last full reading'",
      Qualified(schema, kCoverageTable));
}

std::string DeleteCoverage(absl::string_view schema) {
  return absl::StrCat("DELETE FROM ", Qualified(schema, kCoverageTable));
}

std::string InsertCoverage(absl::string_view schema) {
  return absl::StrCat(
      "INSERT INTO ", Qualified(schema, kCoverageTable),
      "(endpoint, day, state, row_count, counted_at) SELECT * FROM json_to_recordset($1::json) "
      "AS d(endpoint text, day date, state text, row_count bigint, counted_at timestamptz)");
}

std::string SelectCursor(absl::string_view schema) {
  return absl::StrCat("SELECT l.store_id, l.change_number, EXISTS (SELECT 1 FROM ",
                      Qualified(schema, kSetAsideTable), ") FROM (SELECT 1) AS one LEFT JOIN ",
                      Qualified(schema, kLoadsTable), " AS l ON true");
}

std::string WriteCursor(absl::string_view schema) {
  return absl::StrCat("INSERT INTO ", Qualified(schema, kLoadsTable),
                      " AS t VALUES(1,$1,$2,$3,$4) ON CONFLICT(id) DO UPDATE SET store_id=excluded.store_id, "
                      "change_number=excluded.change_number, loaded_at=excluded.loaded_at, "
                      "rows_written=t.rows_written+excluded.rows_written");
}

std::string DeleteCursor(absl::string_view schema) {
  return absl::StrCat("DELETE FROM ", Qualified(schema, kLoadsTable));
}

std::string ForgetSetAside(absl::string_view schema, const Table& table) {
  return absl::StrCat("DELETE FROM ", Qualified(schema, kSetAsideTable), " AS a USING ", StageName(table),
                      " AS s WHERE a.endpoint = $1 AND a.id = s.", Small(table.columns.front().name));
}

std::string DeleteRow(absl::string_view schema, const Table& table) {
  return absl::StrCat("DELETE FROM ", Qualified(schema, table.name), " WHERE ",
                      Small(table.columns.front().name), " = $1");
}

std::string ForgetOneSetAside(absl::string_view schema) {
  return absl::StrCat("DELETE FROM ", Qualified(schema, kSetAsideTable), " WHERE endpoint = $1 AND id = $2");
}

std::string WriteSetAside(absl::string_view schema) {
  return absl::StrCat("INSERT INTO ", Qualified(schema, kSetAsideTable),
                      " VALUES($1,$2,$3,$4,$5) ON CONFLICT(endpoint, id) DO UPDATE SET "
                      "change_number=excluded.change_number, reason=excluded.reason, "
                      "set_aside_at=excluded.set_aside_at");
}

std::string SelectSetAside(absl::string_view schema) {
  return absl::StrCat("SELECT endpoint, id, change_number, reason, count(*) OVER () FROM ",
                      Qualified(schema, kSetAsideTable), " ORDER BY change_number LIMIT $1");
}

}  // namespace penstock::destinations::postgres
