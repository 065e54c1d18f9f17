// SPDX-License-Identifier: Apache-2.0
#include "destinations/sqlserver/sql_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace penstock::destinations::sqlserver {

std::string QuoteName(absl::string_view name) {
  return absl::StrCat("[", absl::StrReplaceAll(name, {{"]", "]]"}}), "]");
}

std::string QuoteText(absl::string_view text) {
  return absl::StrCat("N'", absl::StrReplaceAll(text, {{"'", "''"}}), "'");
}

std::string Qualified(absl::string_view schema, absl::string_view name) {
  return absl::StrCat(QuoteName(schema), ".", QuoteName(name));
}

std::string InstantLiteral(absl::Time time) {
  return absl::StrCat("'", absl::FormatTime("%Y-%m-%dT%H:%M:%E3S", time, absl::UTCTimeZone()), "'");
}

std::string FromJson(const std::vector<std::string>& columns) {
  return absl::StrCat("OPENJSON(CONVERT(nvarchar(max), ?)) WITH (", absl::StrJoin(columns, ", "), ") AS j");
}

}  // namespace penstock::destinations::sqlserver
