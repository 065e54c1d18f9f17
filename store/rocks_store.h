// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/random.h"
#include "store/store.h"

namespace penstock::store {

struct RocksStoreOptions {
  std::string directory;   // the state directory; holds db/, commit-mark and LOCK
  bool read_only = false;  // no lock, no epoch, no commits: for reading commands while no process runs
  uint64_t block_cache_bytes = 48 << 20;
  uint64_t write_buffer_bytes = 24 << 20;
};

// Opens or creates the store in a state directory.
//
//   STATE/LOCK         held while open; names the holder ("pid 4711 on host-a")
//   STATE/commit-mark  the side file: store id, epoch, last acknowledged commit (commit_mark.h)
//   STATE/db/          RocksDB
//
// Errors, each with a next step: FAILED_PRECONDITION: another process holds the lock (named), or the
// directory is not empty and not a state directory; PERMISSION_DENIED: not writable; DATA_LOSS: the database
// lacks acknowledged commits, or is corrupt; UNIMPLEMENTED: written by a newer format; NOT_FOUND: read_only
// and there is none.
absl::StatusOr<std::unique_ptr<Store>> OpenRocksStore(const RocksStoreOptions& options, const Clock& clock,
                                                      Random& random);

}  // namespace penstock::store
