// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace penstock::destinations::sqlserver {

// ODBC's wide text, which reads the same whatever the locale and whatever the driver: UTF-16.

// False: `utf8` is not valid UTF-8, and `*utf16` holds what stands before.
bool ToUtf16(absl::string_view utf8, std::u16string* utf16);
// Half a surrogate pair becomes U+FFFD.
std::string ToUtf8(std::u16string_view utf16);

}  // namespace penstock::destinations::sqlserver
