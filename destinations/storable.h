// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace penstock::destinations {

// What most systems take of a text: no U+0000, neither in text nor, written \u0000, in JSON; and in JSON no half of a
// surrogate pair. Each becomes U+FFFD. False: `*kept` is untouched, the text can stand as it is.

bool StorableText(absl::string_view text, std::string* kept);
// `json` is valid JSON.
bool StorableJson(absl::string_view json, std::string* kept);

// `extra` with one more member that names the columns which do not hold all that the source said:
// {..., "PENSTOCK_REPLACED": ["PRIMARY_DOMAIN"]}.
inline constexpr char kReplacedMember[] = "PENSTOCK_REPLACED";
std::string WithReplaced(absl::string_view extra, absl::string_view quoted_columns);

}  // namespace penstock::destinations
