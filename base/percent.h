// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace penstock {

// "a%20b" to "a b". INVALID_ARGUMENT, never repeating the text, when a '%' stands before no two hex digits or
// means a control character.
absl::StatusOr<std::string> PercentDecode(absl::string_view text);

}  // namespace penstock
