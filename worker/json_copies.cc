// SPDX-License-Identifier: Apache-2.0
#include "worker/json_copies.h"

#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/json_text.h"
#include "worker/json_value.h"

namespace penstock::worker {
namespace {

// Bytes beyond ASCII are letters here: "Li" is no word of "Lièvre".
bool IsLetter(char c) { return absl::ascii_isalnum(c) || static_cast<unsigned char>(c) >= 0x80; }

bool HasWord(absl::string_view lower_text, absl::string_view lower_word) {
  for (size_t at = lower_text.find(lower_word); at != absl::string_view::npos;
       at = lower_text.find(lower_word, at + 1)) {
    const size_t end = at + lower_word.size();
    const bool begins = at == 0 || !IsLetter(lower_text[at - 1]) || !IsLetter(lower_word.front());
    const bool ends = end == lower_text.size() || !IsLetter(lower_text[end]) || !IsLetter(lower_word.back());
    if (begins && ends) return true;
  }
  return false;
}

// What stands in the place of `text`; nothing: it may be seen.
std::optional<std::string> Instead(absl::string_view text, const std::vector<Hidden>& hidden) {
  const std::string lower = absl::AsciiStrToLower(text);
  for (const Hidden& each : hidden) {
    if (absl::EqualsIgnoreCase(text, each.text)) return each.instead;
  }
  for (const Hidden& each : hidden) {
    if (each.within_texts && HasWord(lower, absl::AsciiStrToLower(each.text))) return std::string();
  }
  return std::nullopt;
}

// The length of the string or number with which `json` begins; 0: it begins with something else.
size_t TokenLength(absl::string_view json) {
  size_t end = 1;
  if (json.front() == '"') {
    while (json[end] != '"') end += json[end] == '\\' ? 2 : 1;
    return end + 1;
  }
  if (json.front() != '-' && !absl::ascii_isdigit(json.front())) return 0;
  while (end < json.size() &&
         (absl::ascii_isalnum(json[end]) || absl::StrContains("+-.", json.substr(end, 1))))
    ++end;
  return end;
}

bool IsMemberName(absl::string_view rest) {
  return absl::StartsWith(absl::StripLeadingAsciiWhitespace(rest), ":");
}

}  // namespace

std::string WithoutCopies(absl::string_view json, const std::vector<Hidden>& hidden) {
  std::string seen;
  seen.reserve(json.size());
  while (!json.empty()) {
    const size_t length = TokenLength(json);
    if (length == 0) {
      seen += json.front();
      json.remove_prefix(1);
      continue;
    }
    const absl::string_view token = json.substr(0, length);
    json.remove_prefix(length);
    std::string text(token);
    if (token.front() == '"') {
      const std::optional<DecodedString> decoded = DecodeJsonString(token.substr(1, length - 2));
      text = decoded.has_value() ? decoded->text : std::string();
    }
    const std::optional<std::string> instead = Instead(text, hidden);
    if (!instead.has_value()) {
      absl::StrAppend(&seen, token);
    } else {
      seen += instead->empty() && !IsMemberName(json) ? "null" : QuoteJson(*instead);
    }
  }
  return seen;
}

}  // namespace penstock::worker
