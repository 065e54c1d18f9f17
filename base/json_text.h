// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace penstock {

// `text` as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD, so the result is always
// JSON.
std::string QuoteJson(absl::string_view text);

}  // namespace penstock
