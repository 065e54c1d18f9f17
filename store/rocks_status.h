// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "rocksdb/slice.h"
#include "rocksdb/status.h"

namespace penstock::store {

// What RocksDB reports, in the words of store.h: RESOURCE_EXHAUSTED for a full disk, DATA_LOSS for corruption
// and for a disk that fails, INTERNAL for what should not happen. `doing` completes "while ...".
absl::Status ToStatus(const rocksdb::Status& status, absl::string_view doing);

inline rocksdb::Slice ToSlice(absl::string_view text) { return {text.data(), text.size()}; }
inline absl::string_view ToView(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

}  // namespace penstock::store
