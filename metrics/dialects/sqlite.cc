// SPDX-License-Identifier: Apache-2.0
#include "metrics/dialects/sqlite.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/substitute.h"

namespace penstock::metrics {

std::string SqliteDialect::QuoteName(absl::string_view name) const {
  return absl::StrCat("\"", absl::StrReplaceAll(name, {{"\"", "\"\""}}), "\"");
}

std::string SqliteDialect::Table(Endpoint endpoint) const { return QuoteName(TableName(endpoint)); }

std::string SqliteDialect::Bookkeeping(absl::string_view table) const { return QuoteName(table); }

// SQLite's own folding knows ASCII only.
std::string SqliteDialect::Lower(const std::string& text) const { return absl::StrCat("lower(", text, ")"); }
std::string SqliteDialect::Upper(const std::string& text) const { return absl::StrCat("upper(", text, ")"); }

std::string SqliteDialect::Trim(const std::string& text) const {
  return absl::StrCat("trim(", text, ", char(32, 9, 10, 13))");
}

std::string SqliteDialect::JsonText(const std::string& column, absl::string_view key) const {
  return absl::Substitute("CASE json_type($0, '$$.$1') WHEN 'text' THEN json_extract($0, '$$.$1') END",
                          column, key);
}

// "2025-08-01T00:11:55.444Z", or with 6 or 9 decimals. strftime rounds finer fractions, so they are cut off before.
std::string SqliteDialect::Millis(const std::string& column) const {
  return absl::Substitute(
      "CAST(strftime('%s', substr($0, 1, 19)) AS INTEGER) * 1000 + CAST(substr($0, 21, 3) AS INTEGER)",
      column);
}

std::string SqliteDialect::Day(const std::string& millis) const {
  return absl::StrCat("(", millis, ") / 86400000");
}

std::string SqliteDialect::Date(const std::string& days) const {
  return absl::StrCat("date((", days, ") * 86400, 'unixepoch')");
}

std::string SqliteDialect::DayNumber(const std::string& column) const {
  return absl::StrCat("CAST(strftime('%s', ", column, ") AS INTEGER) / 86400");
}

std::string SqliteDialect::Timestamp(const std::string& millis) const {
  return absl::StrCat("strftime('%Y-%m-%d %H:%M:%f', (", millis, ") / 1000.0, 'unixepoch')");
}

std::vector<std::string> SqliteDialect::CreateView(const std::string& name, const std::string& sql) const {
  return {absl::StrCat("DROP VIEW IF EXISTS ", name), absl::StrCat("CREATE VIEW ", name, " AS\n", sql)};
}

}  // namespace penstock::metrics
