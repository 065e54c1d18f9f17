// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace penstock {

inline constexpr size_t kHashKeyBytes = 32;

// A secret key of 32 bytes, read from a file of its 64 hex digits or of its base64 (44 characters). Errors of
// ReadSecretFile, and FAILED_PRECONDITION for any other text; the message says how to make one.
absl::StatusOr<std::string> ReadHashKeyFile(const std::string& path);

// HMAC-SHA-256, as 64 lower-case hex digits. Equal texts give equal hashes under one key; without the key no text can
// be tried. `key` has kHashKeyBytes.
std::string KeyedHash(absl::string_view key, absl::string_view text);

}  // namespace penstock
