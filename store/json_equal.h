// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace penstock::store {

// Whether two JSON objects (or arrays) are the same value: white space, the order of keys and the spelling of
// strings and numbers do not matter. Strings are equal by their code points, numbers by their exact decimal
// value: 1.0 is 1 and 10e-1, however long. -0 is 0.
//
// Texts that are not walkable (not JSON, an object with a duplicate key, a lone surrogate, an exponent beyond
// +-10^15, deeper than 1,024) are equal only byte for byte: then a difference is kept rather than explained
// away.
bool JsonEqual(absl::string_view a, absl::string_view b);

// The spelling that all equal values share; not JSON itself. Empty when the text is not walkable.
std::optional<std::string> CanonicalJson(absl::string_view text);

// For a number's token: sign, digits without zeros at either end, and exponent: "-12.50" is "-125e-1". Empty
// when it is not a JSON number.
std::optional<std::string> CanonicalNumber(absl::string_view token);

}  // namespace penstock::store
