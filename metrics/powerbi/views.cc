// SPDX-License-Identifier: Apache-2.0
#include "metrics/powerbi/views.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/substitute.h"
#include "absl/time/civil_time.h"
#include "destinations/table_profile.h"
#include "metrics/placeholders.h"
#include "metrics/powerbi/tables.h"
#include "metrics/request.h"
#include "metrics/views.h"

namespace penstock::metrics::powerbi {
namespace {

constexpr int kFirstYear = 2015;
constexpr int kLastYear = 2040;
constexpr char kDayMs[] = "86400000";

// Of a table whose rows are those of a relation.
std::string RowsSql(const Table& table, const Dialect& dialect, const absl::TimeZone& zone,
                    const Values& own) {
  std::vector<std::string> columns;
  for (const Column& column : table.columns) {
    std::string sql = FillIn(column.sql, ValuesOf(column.metric, own), dialect, "");
    if (column.type == ColumnType::kDate) sql = dialect.Date(LocalDay(dialect, "created_ms", zone));
    if (column.type == ColumnType::kTime) sql = dialect.Timestamp("created_ms");
    columns.push_back(absl::StrCat(sql, " AS ", column.name));
  }
  // A column may read another relation than the table's: routes that do not count are a conversation's.
  return OverViews(absl::StrCat("SELECT\n  ", absl::StrJoin(columns, ",\n  "), "\nFROM ", table.relation,
                                " t", table.dated ? "\nWHERE created_ms IS NOT NULL" : ""),
                   dialect);
}

// The years of the known days, whole: a date table may have no hole. Days are numbered from 2015-01-01, ten thousand of
// them, by their digits.
std::string DateSql(const Dialect& dialect, const absl::TimeZone& zone) {
  const auto year = [&](const std::string& day) {
    return absl::StrCat("CAST(substr(CAST(", dialect.Date(day), " AS varchar(10)), 1, 4) AS integer)");
  };
  return absl::Substitute(
      R"sql(WITH digit(d) AS (SELECT * FROM (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS listed),
numbered AS (
  SELECT $0 + a.d + 10 * b.d + 100 * c.d + 1000 * e.d AS n
  FROM digit a CROSS JOIN digit b CROSS JOIN digit c CROSS JOIN digit e),
known AS (
  SELECT $1 AS n FROM $2
  UNION ALL SELECT first_day FROM $3 WHERE first_day IS NOT NULL
  UNION ALL SELECT latest_day FROM $3 WHERE latest_day IS NOT NULL),
span AS (SELECT min(n) AS first_n, max(n) AS last_n FROM known)
SELECT $4 AS local_date, $5 AS year, $6 AS month_start, $7 AS week_start, (n + 3) % 7 + 1 AS weekday,
  $8 AS time_zone
FROM numbered CROSS JOIN span
WHERE $5 BETWEEN $9)sql",
      absl::CivilDay(kFirstYear) - absl::CivilDay(1970), dialect.DayNumber("day"),
      dialect.Bookkeeping(destinations::kCoverageTable), dialect.Bookkeeping(ViewName("person")),
      dialect.Date("n"), year("n"),
      dialect.Date(absl::StrCat("n + 1 - CAST(substr(CAST(", dialect.Date("n"),
                                " AS varchar(10)), 9, 2) AS integer)")),
      dialect.Date("n - (n + 3) % 7"), dialect.Quote(zone.name()),
      absl::StrCat(year("first_n"), " AND ", year("last_n")));
}

// A local day is settled when each UTC day is that it has a part of: one at whose begin, noon or end it is that day.
std::string CoverageSql(const Dialect& dialect, const absl::TimeZone& zone) {
  std::vector<std::string> parts;
  for (const char* offset : {"0", "43200000", "86399999"}) {
    const std::string at = absl::StrCat(dialect.DayNumber("day"), " * ", kDayMs, " + ", offset);
    parts.push_back(absl::Substitute(
        "  SELECT endpoint, $0 AS n, CASE WHEN state = 'settled' THEN 1 ELSE 0 END AS settled\n"
        "  FROM $1 WHERE endpoint <> 'users'",
        LocalDay(dialect, at, zone), dialect.Bookkeeping(destinations::kCoverageTable)));
  }
  return absl::StrCat("SELECT endpoint, ", dialect.Date("n"),
                      " AS local_date, min(settled) AS settled\nFROM (\n",
                      absl::StrJoin(parts, "\n  UNION ALL\n"), "\n) touched\nGROUP BY endpoint, n");
}

std::string Sql(const Table& table, const Dialect& dialect, const absl::TimeZone& zone, const Values& own) {
  if (table.title == kDate) return DateSql(dialect, zone);
  if (table.title == kCoverage) return CoverageSql(dialect, zone);
  return RowsSql(table, dialect, zone, own);
}

}  // namespace

std::string LocalDay(const Dialect& dialect, const std::string& millis, const absl::TimeZone& zone) {
  absl::Time at = absl::FromCivil(absl::CivilYear(kFirstYear), absl::UTCTimeZone());
  const absl::Time end = absl::FromCivil(absl::CivilYear(kLastYear), absl::UTCTimeZone());
  int64_t offset = zone.At(at).offset;
  std::string changes;
  for (absl::TimeZone::CivilTransition change; zone.NextTransition(at, &change);) {
    at = zone.At(change.to).trans;
    if (at >= end) break;
    absl::StrAppend(&changes, " WHEN ", millis, " < ", absl::ToUnixMillis(at), " THEN ", offset * 1000);
    offset = zone.At(at).offset;
  }
  if (changes.empty()) return dialect.Day(absl::StrCat(millis, " + ", offset * 1000));
  return dialect.Day(absl::StrCat(millis, " + CASE", changes, " ELSE ", offset * 1000, " END"));
}

std::string BiViewName(const std::string& relation) {
  return absl::StrCat("BI_", absl::AsciiStrToUpper(relation));
}

std::vector<std::string> BiViewNames() {
  std::vector<std::string> names;
  for (const Table& table : Tables()) names.push_back(BiViewName(table.relation));
  return names;
}

std::vector<std::string> BiViewStatements(const Dialect& dialect, const absl::TimeZone& zone,
                                          const Values& own) {
  std::vector<std::string> statements;
  for (const Table& table : Tables()) {
    const std::string name = dialect.Bookkeeping(BiViewName(table.relation));
    for (std::string& statement : dialect.CreateView(name, Sql(table, dialect, zone, own))) {
      statements.push_back(std::move(statement));
    }
  }
  return statements;
}

}  // namespace penstock::metrics::powerbi
