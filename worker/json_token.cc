// SPDX-License-Identifier: Apache-2.0
#include "worker/json_token.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace penstock::worker {
namespace {

// One or more digits at the front of `text`, removed.
bool ConsumeDigits(absl::string_view& text) {
  size_t digits = 0;
  while (digits < text.size() && absl::ascii_isdigit(text[digits])) ++digits;
  text.remove_prefix(digits);
  return digits > 0;
}

bool ConsumeChar(absl::string_view& text, char c) {
  if (text.empty() || text[0] != c) return false;
  text.remove_prefix(1);
  return true;
}

bool IsNumber(absl::string_view text) {
  ConsumeChar(text, '-');
  if (!ConsumeChar(text, '0') && !ConsumeDigits(text)) return false;
  if (ConsumeChar(text, '.') && !ConsumeDigits(text)) return false;
  if (ConsumeChar(text, 'e') || ConsumeChar(text, 'E')) {
    if (!ConsumeChar(text, '+')) ConsumeChar(text, '-');
    if (!ConsumeDigits(text)) return false;
  }
  return text.empty();
}

// simdjson has found the closing quote already, and no control character before it.
bool IsString(absl::string_view token) {
  if (token.size() < 2 || token.back() != '"') return false;
  absl::string_view rest = token.substr(1, token.size() - 2);
  while (!rest.empty()) {
    const void* found = std::memchr(rest.data(), '\\', rest.size());
    if (found == nullptr) return true;
    rest.remove_prefix(static_cast<size_t>(static_cast<const char*>(found) - rest.data()) + 1);
    if (rest.empty()) return false;
    const char escape = rest[0];
    rest.remove_prefix(1);
    if (escape == 'u') {
      if (rest.size() < 4 || !std::all_of(rest.begin(), rest.begin() + 4, absl::ascii_isxdigit)) return false;
      rest.remove_prefix(4);
    } else if (std::strchr("\"\\/bfnrt", escape) == nullptr || escape == '\0') {
      return false;
    }
  }
  return true;
}

}  // namespace

bool IsScalar(absl::string_view token) {
  if (token.empty()) return false;
  switch (token[0]) {
    case '"':
      return IsString(token);
    case 't':
      return token == "true";
    case 'f':
      return token == "false";
    case 'n':
      return token == "null";
    default:
      return IsNumber(token);
  }
}

std::optional<std::string> DecodeString(absl::string_view token) {
  if (token.empty() || token[0] != '"' || !IsString(token)) return std::nullopt;
  const absl::string_view text = token.substr(1, token.size() - 2);
  if (!absl::StrContains(text, '\\')) return std::string(text);
  simdjson::ondemand::parser parser;
  const simdjson::padded_string json(token.data(), token.size());
  simdjson::ondemand::document document;
  std::string_view decoded;
  if (parser.iterate(json).get(document) || document.get_string().get(decoded)) return std::nullopt;
  // Releases of simdjson differ in what they make of a lone surrogate; none of it is UTF-8.
  if (!simdjson::validate_utf8(decoded.data(), decoded.size())) return std::nullopt;
  return std::string(decoded);
}

}  // namespace penstock::worker
