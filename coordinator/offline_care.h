// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/random.h"
#include "proto/admin_service.pb.h"

namespace penstock::coordinator {

// What the command line does with backups, and with a state that no process holds.

// In order. NOT_FOUND: there is no such directory.
absl::StatusOr<std::vector<v1::Backup>> BackupsIn(const std::string& directory);
// The same after every file was read: one that is not as it was written has a `damage`.
absl::StatusOr<std::vector<v1::Backup>> VerifiedBackupsIn(const std::string& directory);
// store::Store::Check. Errors of OpenRocksStore for reading.
absl::StatusOr<v1::StoreCheck> CheckState(const std::string& state, const Clock& clock, Random& random);

}  // namespace penstock::coordinator
