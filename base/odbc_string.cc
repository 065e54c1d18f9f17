// SPDX-License-Identifier: Apache-2.0
#include "base/odbc_string.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace penstock {
namespace {

// https://learn.microsoft.com/en-us/sql/odbc/reference/syntax/sqldriverconnect-function, "Comments"
constexpr char kSpecial[] = "[]{}(),;?*=!@";

absl::Status Bad(absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("the ODBC connection string ", what, "; write KEY=VALUE;KEY=VALUE"));
}

// Takes a value in braces, from behind the first, off the front of `*rest`.
absl::StatusOr<std::string> TakeBraced(absl::string_view* rest) {
  std::string value;
  while (!rest->empty()) {
    const char c = rest->front();
    rest->remove_prefix(1);
    if (c != '}') {
      value += c;
    } else if (absl::StartsWith(*rest, "}")) {
      value += c;
      rest->remove_prefix(1);
    } else {
      return value;
    }
  }
  return Bad("has a brace that does not end");
}

}  // namespace

absl::StatusOr<OdbcPairs> ParseOdbcString(absl::string_view text) {
  OdbcPairs pairs;
  while (true) {
    while (!text.empty() && (text.front() == ';' || absl::ascii_isspace(text.front()))) text.remove_prefix(1);
    if (text.empty()) return pairs;
    const size_t equals = text.find('=');
    if (equals == absl::string_view::npos || text.substr(0, equals).find(';') != absl::string_view::npos)
      return Bad("has a part without '='");
    const std::string key(absl::StripAsciiWhitespace(text.substr(0, equals)));
    if (key.empty()) return Bad("has a part without a key");
    text.remove_prefix(equals + 1);
    std::string value;
    if (absl::StartsWith(text, "{")) {
      text.remove_prefix(1);
      absl::StatusOr<std::string> braced = TakeBraced(&text);
      if (!braced.ok()) return braced.status();
      value = *std::move(braced);
      if (!text.empty() && text.front() != ';') return Bad("has something between a brace and the next ';'");
    } else {
      const size_t end = std::min(text.find(';'), text.size());
      value = std::string(absl::StripAsciiWhitespace(text.substr(0, end)));
      text.remove_prefix(end);
    }
    pairs.emplace_back(key, std::move(value));
  }
}

std::string FormatOdbcString(const OdbcPairs& pairs) {
  std::string text;
  for (const auto& [key, value] : pairs) {
    const bool blank =
        !value.empty() && (absl::ascii_isspace(value.front()) || absl::ascii_isspace(value.back()));
    const bool plain = !blank && value.find_first_of(kSpecial) == std::string::npos;
    absl::StrAppend(&text, text.empty() ? "" : ";", key, "=",
                    plain ? value : absl::StrCat("{", absl::StrReplaceAll(value, {{"}", "}}"}}), "}"));
  }
  return text;
}

std::string OdbcValue(const OdbcPairs& pairs, const std::vector<std::string>& keys) {
  for (const auto& [key, value] : pairs) {
    for (const std::string& wanted : keys) {
      if (absl::EqualsIgnoreCase(key, wanted)) return value;
    }
  }
  return "";
}

}  // namespace penstock
