// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace penstock {

// Reads a secret from a file: white space at the ends is trimmed, and the secret is hidden in logs from then
// on. NOT_FOUND, PERMISSION_DENIED: the file cannot be read. FAILED_PRECONDITION: it is empty, longer than 64
// KiB, holds a control character, or others may read it (mode beyond 0640). Every message names the file and
// what to do.
absl::StatusOr<std::string> ReadSecretFile(const std::string& path);

// Changes whenever the file is written or replaced; 0 while there is none. Says nothing about the content.
uint64_t SecretFileVersion(const std::string& path);

}  // namespace penstock
