// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "rocksdb/db.h"
#include "rocksdb/env.h"
#include "rocksdb/options.h"
#include "rocksdb/wal_filter.h"
#include "store/encoding.h"
#include "store/rocks_store.h"

namespace penstock::store {

// How RocksDB is set up. Every number here was chosen for one goal: 3 million rows (2 GB) through one
// coordinator in well under 256 MiB of memory, with commits that survive a damaged write-ahead log or are
// refused at the next start.

rocksdb::DBOptions DatabaseOptions(rocksdb::Env* env, bool read_only, rocksdb::WalFilter* wal_filter);

// One per family, in the order of kAllFamilies. They share one block cache.
std::vector<rocksdb::ColumnFamilyDescriptor> FamilyDescriptors(const RocksStoreOptions& options);

}  // namespace penstock::store
