// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/random.h"
#include "store/rocks_backups.h"

namespace penstock::coordinator {

// What a restored state is to be told to people by.
struct Restored {
  store::Backup backup;
  std::string store_id;   // of the new store
  uint64_t windows = 0;   // that were leased when the backup was made, and are free now
  uint64_t erasures = 0;  // that it knows of
};

// A state directory from a backup, in which nothing of the lost store is honoured: its leases are ended; what its
// permits may have used counts as used at the first start, and none of their numbers is given again; its load cursors
// and its workers know another store id. Errors of store::RestoreBackup; FAILED_PRECONDITION: people are forgotten in
// it and the key is not with the backups.
absl::StatusOr<Restored> RestoreState(const store::RestoreOrder& order, const Clock& clock, Random& random);

}  // namespace penstock::coordinator
