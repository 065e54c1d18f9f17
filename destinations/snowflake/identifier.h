// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace penstock::destinations::snowflake {

// What SQL takes a name for: a plain word in capitals, what stands in double quotes as it is.
std::string Identifier(absl::string_view name);

// For SQL, from what Identifier gave.
std::string QuoteName(absl::string_view identifier);
std::string QuoteText(absl::string_view text);

}  // namespace penstock::destinations::snowflake
