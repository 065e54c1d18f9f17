// SPDX-License-Identifier: Apache-2.0
#include "metrics/dialects/postgres.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/substitute.h"

namespace penstock::metrics {

std::string PostgresDialect::QuoteName(absl::string_view name) const {
  return absl::StrCat("\"", absl::StrReplaceAll(absl::AsciiStrToLower(name), {{"\"", "\"\""}}), "\"");
}

std::string PostgresDialect::Table(Endpoint endpoint) const { return Bookkeeping(TableName(endpoint)); }

std::string PostgresDialect::Bookkeeping(absl::string_view table) const {
  return absl::StrCat("\"", absl::StrReplaceAll(schema_, {{"\"", "\"\""}}), "\".", QuoteName(table));
}

std::string PostgresDialect::Lower(const std::string& text) const {
  return absl::StrCat("lower((", text, ") COLLATE \"C\")");
}
std::string PostgresDialect::Upper(const std::string& text) const {
  return absl::StrCat("upper((", text, ") COLLATE \"C\")");
}

std::string PostgresDialect::Trim(const std::string& text) const {
  return absl::StrCat("btrim(", text, ", E' \\t\\n\\r')");
}

std::string PostgresDialect::JsonText(const std::string& column, absl::string_view key) const {
  return absl::Substitute("CASE jsonb_typeof($0::jsonb -> '$1') WHEN 'string' THEN $0::jsonb ->> '$1' END",
                          column, key);
}

std::string PostgresDialect::Millis(const std::string& column) const {
  return absl::Substitute("CAST(floor(extract(epoch FROM $0::timestamptz) * 1000) AS bigint)", column);
}

std::string PostgresDialect::Day(const std::string& millis) const {
  return absl::StrCat("(", millis, ") / 86400000");
}

std::string PostgresDialect::Date(const std::string& days) const {
  return absl::StrCat("(DATE '1970-01-01' + CAST(", days, " AS integer))");
}

std::string PostgresDialect::DayNumber(const std::string& column) const {
  return absl::StrCat("CAST(", column, "::date - DATE '1970-01-01' AS bigint)");
}

std::string PostgresDialect::Timestamp(const std::string& millis) const {
  return absl::StrCat("(TIMESTAMP '1970-01-01' + (", millis, ") * INTERVAL '1 millisecond')");
}

std::string PostgresDialect::Flag(const std::string& column) const {
  return absl::StrCat("CASE WHEN ", column, "::boolean THEN 1 ELSE 0 END");
}

std::string PostgresDialect::CodePoints(const std::string& text) const {
  return absl::StrCat("(", text, ") COLLATE \"C\"");
}

}  // namespace penstock::metrics
