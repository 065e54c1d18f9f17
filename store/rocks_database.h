// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message_lite.h"
#include "rocksdb/db.h"
#include "rocksdb/wal_filter.h"
#include "store/encoding.h"
#include "store/rocks_store.h"

namespace penstock::store {

// An open RocksDB with its families, closed in the right order.
class Database {
 public:
  struct OpenOptions {
    bool read_only = false;
    bool create = false;  // create the database, or the families that an interrupted creation left out
    rocksdb::WalFilter* wal_filter = nullptr;
  };
  static absl::StatusOr<std::unique_ptr<Database>> Open(
      rocksdb::Env& env, const std::string& directory, const RocksStoreOptions& options, OpenOptions how,
      std::shared_ptr<rocksdb::EventListener> listener = nullptr);
  ~Database();

  rocksdb::DB& db() const { return *db_; }
  rocksdb::ColumnFamilyHandle* family(Family family) const { return handles_[static_cast<size_t>(family)]; }

  // Reads one value. NOT_FOUND when there is none; DATA_LOSS when it cannot be read.
  absl::Status Get(const rocksdb::ReadOptions& options, Family family, absl::string_view key,
                   google::protobuf::MessageLite& message) const;

 private:
  Database() = default;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;  // in the order of kAllFamilies
};

// For every iterator. Range deletions are never used here, and looking for them has a price in this version
// of RocksDB (7.8): an iterator that walks into a damaged file ends or goes on as if the file were empty,
// with status OK.
inline rocksdb::ReadOptions IteratorOptions() {
  rocksdb::ReadOptions options;
  options.ignore_range_deletions = true;
  return options;
}

// A view of the database at one moment: whole commits only, however long the reading takes.
class Snapshot {
 public:
  explicit Snapshot(rocksdb::DB& db) : db_(db), snapshot_(db.GetSnapshot()), options_(IteratorOptions()) {
    options_.snapshot = snapshot_;
  }
  ~Snapshot() { db_.ReleaseSnapshot(snapshot_); }
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;
  const rocksdb::ReadOptions& options() const { return options_; }

 private:
  rocksdb::DB& db_;
  const rocksdb::Snapshot* const snapshot_;
  rocksdb::ReadOptions options_;
};

}  // namespace penstock::store
