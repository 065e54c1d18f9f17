// SPDX-License-Identifier: Apache-2.0
#include "metrics/dialects/snowflake.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "destinations/snowflake/identifier.h"

namespace penstock::metrics {
namespace {

constexpr char kCapitals[] = "'ABCDEFGHIJKLMNOPQRSTUVWXYZ'";
constexpr char kSmall[] = "'abcdefghijklmnopqrstuvwxyz'";

}  // namespace

SnowflakeDialect::SnowflakeDialect(const SnowflakeConfig& config, TableNames tables)
    : Dialect(tables),
      in_(absl::StrCat(
          destinations::snowflake::QuoteName(destinations::snowflake::Identifier(config.database)), ".",
          destinations::snowflake::QuoteName(destinations::snowflake::Identifier(config.schema)))) {}

std::string SnowflakeDialect::Quote(absl::string_view text) const {
  return destinations::snowflake::QuoteText(text);
}

std::string SnowflakeDialect::QuoteName(absl::string_view name) const {
  return destinations::snowflake::QuoteName(name);
}

std::string SnowflakeDialect::Table(Endpoint endpoint) const { return Bookkeeping(TableName(endpoint)); }

std::string SnowflakeDialect::Bookkeeping(absl::string_view table) const {
  return absl::StrCat(in_, ".", QuoteName(table));
}

// Its lower() and upper() fold all of Unicode.
std::string SnowflakeDialect::Lower(const std::string& text) const {
  return absl::Substitute("TRANSLATE($0, $1, $2)", text, kCapitals, kSmall);
}
std::string SnowflakeDialect::Upper(const std::string& text) const {
  return absl::Substitute("TRANSLATE($0, $1, $2)", text, kSmall, kCapitals);
}

std::string SnowflakeDialect::Trim(const std::string& text) const {
  return absl::StrCat("TRIM(", text, ", ' ' || CHR(9) || CHR(10) || CHR(13))");
}

std::string SnowflakeDialect::JsonText(const std::string& column, absl::string_view key) const {
  return absl::Substitute("CASE TYPEOF($0:$1) WHEN 'VARCHAR' THEN $0:$1::VARCHAR END", column, key);
}

std::string SnowflakeDialect::Millis(const std::string& column) const {
  return absl::StrCat("DATE_PART(EPOCH_MILLISECOND, ", column, "::TIMESTAMP_NTZ)");
}

std::string SnowflakeDialect::Day(const std::string& millis) const {
  return absl::StrCat("FLOOR((", millis, ") / 86400000)");
}

std::string SnowflakeDialect::Date(const std::string& days) const {
  return absl::StrCat("DATEADD(day, ", days, ", '1970-01-01'::DATE)::DATE");
}

std::string SnowflakeDialect::DayNumber(const std::string& column) const {
  return absl::StrCat("DATEDIFF(day, '1970-01-01'::DATE, ", column, "::DATE)");
}

std::string SnowflakeDialect::Timestamp(const std::string& millis) const {
  return absl::StrCat("DATEADD(millisecond, ", millis, ", '1970-01-01'::TIMESTAMP_NTZ)");
}

}  // namespace penstock::metrics
