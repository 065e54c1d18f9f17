// SPDX-License-Identifier: Apache-2.0
#include "destinations/snowflake/identifier.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace penstock::destinations::snowflake {

std::string Identifier(absl::string_view name) {
  if (name.size() > 2 && name.front() == '"' && name.back() == '"') {
    return absl::StrReplaceAll(name.substr(1, name.size() - 2), {{"\"\"", "\""}});
  }
  const bool plain = std::all_of(name.begin(), name.end(),
                                 [](char c) { return absl::ascii_isalnum(c) || c == '_' || c == '$'; });
  return plain ? absl::AsciiStrToUpper(name) : std::string(name);
}

std::string QuoteName(absl::string_view identifier) {
  return absl::StrCat("\"", absl::StrReplaceAll(identifier, {{"\"", "\"\""}}), "\"");
}

std::string QuoteText(absl::string_view text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "''"}, {"\\", "\\\\"}}), "'");
}

}  // namespace penstock::destinations::snowflake
