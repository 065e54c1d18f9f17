// SPDX-License-Identifier: Apache-2.0
#include "tests/destinations/sqlserver/postgres_dialect.h"

#include <map>
#include <regex>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/status_macros.h"

namespace penstock::destinations {
namespace {

// What stands between the two.
std::string Between(const std::string& text, const std::string& before, const std::string& after) {
  const size_t begin = text.find(before);
  CHECK(begin != std::string::npos);
  const size_t end = text.find(after, begin + before.size());
  CHECK(end != std::string::npos);
  return text.substr(begin + before.size(), end - begin - before.size());
}

// A pattern, and a part of the text without which it is not looked for.
struct Pattern {
  const char* part;
  std::regex regex;
  const char* with;
};

std::string Replace(std::string text, const std::vector<Pattern>& patterns) {
  for (const Pattern& pattern : patterns) {
    if (absl::StrContains(text, pattern.part)) text = std::regex_replace(text, pattern.regex, pattern.with);
  }
  return text;
}

// [NAME] as "name".
std::string Names(const std::string& text) {
  std::string result;
  bool inside = false;
  for (char c : text) {
    if (c == '[' || c == ']') {
      inside = c == '[';
      result += '"';
    } else {
      result += inside ? absl::ascii_tolower(c) : c;
    }
  }
  return result;
}

std::string Types(std::string text) {
  static const auto* const patterns = new std::vector<Pattern>{
      {" COLLATE ", std::regex(" COLLATE \\w+"), ""},
      {"CONVERT(varbinary", std::regex("CONVERT\\(varbinary\\(max\\), ([^()]*)\\)"),
       "convert_to($1, 'UTF8')"},
      {"TRY_CONVERT", std::regex("TRY_CONVERT\\(datetimeoffset\\(6\\), ([^()]*)\\)"), "try_instant($1)"},
      {"CONVERT(datetime2", std::regex("CONVERT\\(datetime2\\(6\\), ([^()]*)\\)"),
       "CAST($1 AS timestamp(6))"},
      {"N'", std::regex("\\bN'"), "'"}};
  text = Replace(std::move(text), *patterns);
  return absl::StrReplaceAll(text, {{"nvarchar(max)", "text"},
                                    {"nvarchar(", "varchar("},
                                    {"datetime2(", "timestamp("},
                                    {"datetimeoffset(", "timestamptz("},
                                    {" bit", " boolean"},
                                    {" NONCLUSTERED", ""},
                                    {"COUNT_BIG", "count"}});
}

// OPENJSON(?) WITH (columns) AS j
std::string Json(const std::string& text) {
  const std::string begin = "OPENJSON(CONVERT(text, ?)) WITH (";
  const size_t at = text.find(begin);
  if (at == std::string::npos) return text;
  const size_t end = text.find(") AS j", at);
  CHECK(end != std::string::npos);
  const size_t columns = at + begin.size();
  return absl::StrCat(text.substr(0, at), "json_to_recordset(CAST(? AS json)) AS j(",
                      text.substr(columns, end - columns), ")", text.substr(end + 6));
}

// UPDATE t SET a FROM table AS t JOIN stage AS s ON condition WHERE guard
std::string Update(const std::string& text) {
  if (!absl::StartsWith(text, "UPDATE t SET ")) return text;
  const std::string table = Between(text, " FROM ", " AS t JOIN ");
  const std::string stage = Between(text, " AS t JOIN ", " AS s ON ");
  const size_t where = text.find(" WHERE ");
  return absl::StrCat("UPDATE ", table, " AS t SET ", Between(text, "UPDATE t SET ", " FROM "), " FROM ",
                      stage, " AS s WHERE ", Between(text, " AS s ON ", " WHERE "), " AND (",
                      text.substr(where + 7), ")");
}

}  // namespace

std::string CreateTsqlCatalog() {
  return R"(
CREATE SCHEMA sys;
CREATE VIEW sys.schemas AS SELECT oid AS schema_id, nspname::text AS name FROM pg_namespace;
CREATE VIEW sys.objects AS SELECT oid AS object_id, relnamespace AS schema_id,
  upper(relname) AS name, CASE relkind WHEN 'r' THEN 'U ' ELSE 'V ' END::bpchar AS type
  FROM pg_class WHERE relkind IN ('r', 'v');
CREATE VIEW sys.types AS SELECT * FROM (VALUES (25::oid, 'nvarchar'), (1043, 'nvarchar'), (1114, 'datetime2'),
  (1184, 'datetimeoffset'), (16, 'bit'), (20, 'bigint'), (23, 'int')) AS known(user_type_id, name);
CREATE VIEW sys.columns AS SELECT attrelid AS object_id, attnum AS column_id, upper(attname) AS name,
  atttypid AS user_type_id, CASE WHEN atttypid = 1043 AND atttypmod > 4 THEN 2 * (atttypmod - 4) ELSE -1 END
  AS max_length, 6 AS scale, CASE WHEN atttypid IN (25, 1043) THEN 'Latin1_General_100_BIN2' END AS collation_name,
  (attgenerated <> '')::int AS is_computed, (attidentity <> '')::int AS is_identity
  FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped;
CREATE VIEW sys.indexes AS SELECT indrelid AS object_id, indexrelid AS index_id,
  indisunique::int AS is_unique, 0 AS is_disabled, (indpred IS NOT NULL)::int AS has_filter FROM pg_index;
CREATE VIEW sys.index_columns AS SELECT indrelid AS object_id, indexrelid AS index_id,
  k.attnum AS column_id, k.place AS key_ordinal, 0 AS is_included_column
  FROM pg_index, unnest(indkey) WITH ORDINALITY AS k(attnum, place);
GRANT USAGE ON SCHEMA sys TO PUBLIC;
GRANT SELECT ON ALL TABLES IN SCHEMA sys TO PUBLIC;
CREATE FUNCTION schema_id(text) RETURNS bigint LANGUAGE sql AS
  'SELECT schema_id::bigint FROM sys.schemas WHERE name = $1';
CREATE FUNCTION db_name() RETURNS text LANGUAGE sql AS 'SELECT current_database()::text';
CREATE FUNCTION quotename(text) RETURNS text LANGUAGE sql AS 'SELECT quote_ident($1)';
CREATE FUNCTION databasepropertyex(text, text) RETURNS text LANGUAGE sql AS $$SELECT 'READ_WRITE'$$;
CREATE FUNCTION has_perms_by_name(securable text, class text, permission text) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
  IF permission = 'CREATE TABLE' THEN RETURN 1; END IF;
  IF class = 'DATABASE' THEN RETURN has_database_privilege(current_database(), 'CREATE')::int; END IF;
  IF class = 'SCHEMA' THEN
    RETURN (SELECT has_schema_privilege(oid, 'CREATE')::int FROM pg_namespace
      WHERE nspname = trim(BOTH '"' FROM securable));
  END IF;
  IF permission = 'ALTER' THEN
    RETURN (SELECT pg_has_role(relowner, 'USAGE')::int FROM pg_class WHERE oid = securable::regclass);
  END IF;
  RETURN has_table_privilege(securable, permission)::int;
END $$;
CREATE FUNCTION try_instant(text) RETURNS timestamptz LANGUAGE plpgsql AS $$
BEGIN RETURN $1::timestamptz; EXCEPTION WHEN others THEN RETURN NULL; END $$;
)";
}

std::string FromTsql(const std::string& tsql) {
  if (absl::StartsWith(tsql, "SET XACT_ABORT"))
    return absl::StrCat("SET lock_timeout = ", tsql.substr(tsql.rfind(' ') + 1));
  if (tsql == "IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION") return "ROLLBACK";
  if (absl::StartsWith(tsql, "EXEC sys.sp_addextendedproperty")) return "SELECT 1";
  if (absl::StartsWith(tsql, "DECLARE @granted int; EXEC @granted = sp_getapplock"))
    return absl::StrCat("SELECT pg_advisory_xact_lock(hashtext('", Between(tsql, "N'", "'"), "'))");
  std::string sql = Names(tsql);
  if (absl::StrContains(sql, "TABLOCKX")) {
    return absl::StrCat("LOCK TABLE ", Between(sql, " AS \"one\" FROM ", " WITH "),
                        " IN SHARE ROW EXCLUSIVE MODE");
  }
  sql = absl::StrReplaceAll(sql, {{"CREATE TABLE #", "CREATE TEMPORARY TABLE "}, {"#", ""}});
  return Update(Json(Types(sql)));
}

int NativeErrorOf(const std::string& sql_state) {
  static const auto* const numbers = new std::map<std::string, int>{
      {"23505", 2627},   {"23514", 547},  {"23502", 515},  {"42501", 229},  {"42P01", 208},
      {"42703", 207},    {"55P03", 1222}, {"40P01", 1205}, {"22001", 2628}, {"53100", 1105},
      {"P0001", 50'000}, {"54000", 1946}, {"3D000", 4060}, {"28P01", 18456}};
  const auto found = numbers->find(sql_state);
  return found == numbers->end() ? 0 : found->second;
}

}  // namespace penstock::destinations
