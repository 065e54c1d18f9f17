// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "rocksdb/env.h"
#include "store/rocks_store.h"

namespace penstock::store {

// OpenRocksStore on another disk: the seam through which tests break writes, syncs and free space. `env`
// outlives the store.
absl::StatusOr<std::unique_ptr<Store>> OpenRocksStoreOn(rocksdb::Env& env, const RocksStoreOptions& options,
                                                        const Clock& clock, Random& random);

// Commits are refused while less than this is free, so that what RocksDB writes in the background still fits.
inline constexpr uint64_t kFreeSpaceReserve = 64 << 20;

}  // namespace penstock::store
