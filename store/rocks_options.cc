// SPDX-License-Identifier: Apache-2.0
#include "store/rocks_options.h"

#include <algorithm>

#include "rocksdb/cache.h"
#include "rocksdb/filter_policy.h"
#include "rocksdb/table.h"

namespace penstock::store {
namespace {

// RocksDB keeps a diary file; a reader leaves no traces.
class NoDiary final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

rocksdb::BlockBasedTableOptions TableOptions(std::shared_ptr<rocksdb::Cache> cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = std::move(cache);
  table.block_size = 16 << 10;
  table.format_version = 5;
  // Index and filter blocks live in the cache too, so the cache is the bound of all of them.
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  return table;
}

rocksdb::ColumnFamilyOptions FamilyOptions(Family family, const RocksStoreOptions& options,
                                           const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions family_options;
  rocksdb::BlockBasedTableOptions table = TableOptions(cache);
  family_options.compression = rocksdb::kLZ4Compression;
  family_options.level_compaction_dynamic_level_bytes = true;
  family_options.max_write_buffer_number = 2;
  // Two buffers each: while one is flushed the next one fills. The sum over all families stays under the
  // setting.
  family_options.write_buffer_size = std::max<size_t>(options.write_buffer_bytes / 48, 64 << 10);
  if (family == Family::kChanges) family_options.write_buffer_size = options.write_buffer_bytes / 4;
  if (family == Family::kRows) {
    family_options.write_buffer_size = options.write_buffer_bytes / 8;
    // Ids come in no order: merging runs of like size rewrites each entry a few times instead of a dozen.
    family_options.compaction_style = rocksdb::kCompactionStyleUniversal;
    // Most ids of a backfill are new: the filter answers without touching the disk.
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    // In parts of a few KiB, so that tens of millions of rows need not have their whole filter in memory.
    table.partition_filters = true;
    table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
    table.metadata_block_size = 16 << 10;
    // Answers most of those look-ups in memory as well.
    family_options.memtable_whole_key_filtering = true;
    family_options.memtable_prefix_bloom_size_ratio = 0.05;
  }
  family_options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return family_options;
}

}  // namespace

rocksdb::DBOptions DatabaseOptions(rocksdb::Env* env, bool read_only, rocksdb::WalFilter* wal_filter) {
  rocksdb::DBOptions options;
  options.env = env;
  // The default mode opens quietly with half of the log when its middle is damaged.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.track_and_verify_wals_in_manifest = true;
  options.wal_filter = wal_filter;
  options.paranoid_checks = true;
  // The log is replayed into memory at the start: this bounds both the time and the memory of it.
  options.max_total_wal_size = 48 << 20;
  options.max_open_files = 256;
  options.max_file_opening_threads = 1;
  options.max_background_jobs = 2;
  options.bytes_per_sync = 1 << 20;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  // Below that RocksDB's own diary names keys, which are ids: one that is erased would stand there on.
  options.info_log_level = rocksdb::WARN_LEVEL;
  options.keep_log_file_num = 4;
  options.max_log_file_size = 4 << 20;
  options.max_manifest_file_size = 16 << 20;
  if (read_only) options.info_log = std::make_shared<NoDiary>();
  return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor> FamilyDescriptors(const RocksStoreOptions& options) {
  // Few shards: by default one holds less than a large filter. Half is kept for filters and indexes.
  const std::shared_ptr<rocksdb::Cache> cache =
      rocksdb::NewLRUCache(options.block_cache_bytes, /*num_shard_bits=*/2, /*strict_capacity_limit=*/false,
                           /*high_pri_pool_ratio=*/0.5);
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (Family family : kAllFamilies) {
    descriptors.emplace_back(std::string(Name(family)), FamilyOptions(family, options, cache));
  }
  return descriptors;
}

}  // namespace penstock::store
