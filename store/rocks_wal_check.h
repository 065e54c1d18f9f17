// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "rocksdb/env.h"
#include "rocksdb/wal_filter.h"
#include "rocksdb/write_batch.h"

namespace penstock::store {

// Watches a recovery: every batch in the write-ahead log carries the identity with its commit number, so the
// numbers that come by must be without a gap, and every log file that was followed by another must have given
// something. This finds what RocksDB takes for a torn tail although more log files come after it; a loss at
// the very end is found by the commit mark.
class WalCheck final : public rocksdb::WalFilter {
 public:
  const char* Name() const override { return "penstock.WalCheck"; }
  void ColumnFamilyLogNumberMap(const std::map<uint32_t, uint64_t>& log_numbers,
                                const std::map<std::string, uint32_t>& family_ids) override;
  WalProcessingOption LogRecordFound(unsigned long long log, const std::string& file,
                                     const rocksdb::WriteBatch& batch, rocksdb::WriteBatch* new_batch,
                                     bool* batch_changed) override;

  // After the recovery. DATA_LOSS names the log file and the missing commits.
  absl::Status Verdict(rocksdb::Env& env, const std::string& directory) const;

 private:
  uint64_t oldest_needed_ = 0;
  std::optional<uint64_t> last_commit_;
  std::set<uint64_t> heard_;  // log files that gave at least one batch
  std::string gap_;           // the first one found, for people
};

}  // namespace penstock::store
