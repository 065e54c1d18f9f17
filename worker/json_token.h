// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace penstock::worker {

// Tokens of JSON text as simdjson's on-demand reader cuts them. That reader checks brackets, commas and
// colons, but looks into a string, number or literal only when somebody asks for its value; these functions
// are for whoever keeps the text without asking.

// Whether `token` is one string, number, true, false or null by RFC 8259's grammar. Numbers may have any
// size.
bool IsScalar(absl::string_view token);

// The text of a string token, escapes decoded. Empty for any other token, and for escapes that name no
// character (half of a surrogate pair).
std::optional<std::string> DecodeString(absl::string_view token);

}  // namespace penstock::worker
