// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace penstock::coordinator {

// The key under which a state directory remembers who is forgotten: 32 bytes as hex in STATE/forget-key, for this user
// only. Without it nobody can be recognised, so it belongs into every copy of the state directory.
struct ForgetKey {
  std::string bytes;
  bool made = false;  // just now, by chance; it is on no disk yet
};

// Errors of ReadHashKeyFile. A file that is not there is no error: whoever calls finds out whether it should be
// (Core::Open), and saves the new key then.
absl::StatusOr<ForgetKey> OpenForgetKey(const std::string& state);

// Durable when it returns: whole or not at all.
absl::Status SaveForgetKey(const std::string& state, const ForgetKey& key);

}  // namespace penstock::coordinator
