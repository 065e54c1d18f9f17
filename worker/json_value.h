// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace penstock::worker {

// What simdjson's on-demand reader leaves open about a single value: it splits a record into tokens and
// proves the whole to be UTF-8, but it checks a value only when that is read as a number or string, and then
// refuses numbers beyond double and lone surrogates, both of which the source may send. All functions are
// pure.

// Exactly one JSON value (RFC 8259) with nothing around it, nested at most 500 deep, which SQLite's and every
// other destination's JSON functions can take. `text` is UTF-8.
bool IsJson(absl::string_view text);

// Exactly one JSON number, of any size.
bool IsJsonNumber(absl::string_view text);

struct DecodedString {
  std::string text;   // UTF-8; may contain NUL
  bool exact = true;  // false: a lone surrogate, which UTF-8 cannot say, became U+FFFD
};
// The text between the quotes of a JSON string, its escapes resolved. Empty: not a valid string.
std::optional<DecodedString> DecodeJsonString(absl::string_view between_quotes);

}  // namespace penstock::worker
