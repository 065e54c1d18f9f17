// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <shared_mutex>
#include <string>
#include <vector>

#include "base/status_macros.h"
#include "store/encoding.h"
#include "store/rocks_status.h"
#include "store/rocks_store_impl.h"

namespace penstock::store {
namespace {

// Rewrites the files of a family that hold keys with this prefix, the oldest ones too: by default those are only moved.
absl::Status Rewrite(const Database& database, Family family, const std::string& prefix,
                     std::atomic<bool>& stop) {
  if (stop) return absl::CancelledError("rewriting what was erased was stopped");
  rocksdb::CompactRangeOptions options;
  options.exclusive_manual_compaction = false;
  options.canceled = &stop;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
  const std::string end = PrefixEnd(prefix);
  const rocksdb::Slice first(prefix), last(end);
  const rocksdb::Status rewritten =
      database.db().CompactRange(options, database.family(family), &first, end.empty() ? nullptr : &last);
  if (stop) return absl::CancelledError("rewriting what was erased was stopped");
  return ToStatus(rewritten, "rewriting what was erased");
}

}  // namespace

absl::Status RocksStore::Scour(uint32_t source, std::atomic<bool>& stop) {
  if (parts_.mark == nullptr) return absl::FailedPreconditionError("the store is open for reading only");
  std::shared_lock lock(database_mutex_);
  RETURN_IF_ERROR(CheckOpen());
  const Database& database = *parts_.database;
  // The log holds every write until all families have written theirs to files; then it is deleted.
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  for (Family family : kAllFamilies) families.push_back(database.family(family));
  RETURN_IF_ERROR(
      ToStatus(database.db().Flush(rocksdb::FlushOptions(), families), "writing what is in memory"));
  RETURN_IF_ERROR(Rewrite(database, Family::kChanges, ChangeKey::Prefix(source), stop));
  RETURN_IF_ERROR(Rewrite(database, Family::kQuarantine, QuarantineKey::Prefix(source), stop));
  // They name rows that a destination had set aside.
  RETURN_IF_ERROR(Rewrite(database, Family::kLoads, LoadKey{source, ""}.Encode(), stop));
  for (Endpoint endpoint : kAllEndpoints) {
    RETURN_IF_ERROR(Rewrite(database, Family::kRows, RowKey::Prefix(source, endpoint), stop));
  }
  return absl::OkStatus();
}

}  // namespace penstock::store
