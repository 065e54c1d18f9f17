// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "rocksdb/listener.h"
#include "rocksdb/utilities/backup_engine.h"
#include "rocksdb/write_batch.h"
#include "store/batch_plan.h"
#include "store/directory_lock.h"
#include "store/rocks_database.h"
#include "store/rocks_mark_file.h"
#include "store/rocks_store.h"
#include "store/store.h"

namespace penstock::store {

// Hears of disk errors below RocksDB's own statuses. After a failed sync of the write-ahead log nobody knows
// what is on the disk, however harmless the cause: the process has to end.
class DiskErrors final : public rocksdb::EventListener {
 public:
  bool ShouldBeNotifiedOnFileIO() override { return true; }
  void OnIOError(const rocksdb::IOErrorInfo& info) override;
  // RocksDB would try to go on by itself; the store opens it anew instead (RocksStore::Reopen).
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status, bool* auto_recovery) override {
    *auto_recovery = false;
  }
  bool wal_sync_failed() const { return wal_sync_failed_; }

 private:
  std::atomic<bool> wal_sync_failed_ = false;
};

// What an opened store is made of. `lock`, `mark` and `errors` are null in a store opened for reading.
struct RocksParts {
  rocksdb::Env* env = nullptr;
  RocksStoreOptions options;
  std::unique_ptr<DirectoryLock> lock;  // first: released last
  std::unique_ptr<MarkFile> mark;
  std::shared_ptr<DiskErrors> errors;
  std::unique_ptr<Database> database;
  storage::StoreIdentity identity;  // already on disk
  Sources sources;
};

// A commit: plan, one synced write with the identity in it, the mark, the answer (rocks_commit.cc). Reads
// take a snapshot (rocks_reads.cc).
class RocksStore final : public Store {
 public:
  explicit RocksStore(RocksParts parts);

  const std::string& store_id() const override { return parts_.identity.store_id(); }
  uint64_t epoch() const override { return parts_.identity.epoch(); }
  uint64_t last_commit() const override { return last_commit_; }

  absl::StatusOr<Committed> Commit(Batch batch) override;
  absl::Status Scour(uint32_t source, std::atomic<bool>& stop) override;
  absl::StatusOr<Backup> BackUp(const BackupOrder& order, std::atomic<bool>& stop) override;
  absl::StatusOr<StoreCheck> Check(const std::atomic<bool>& stop) const override;
  absl::Status ForEachRecord(const std::function<void(Record)>& visit) const override;
  absl::StatusOr<storage::RowRecord> GetRow(uint32_t source, Endpoint endpoint,
                                            absl::string_view id) const override;
  absl::Status ScanRows(uint32_t source, Endpoint endpoint,
                        const std::function<bool(v1::Row)>& visit) const override;
  absl::StatusOr<Changes> ReadChanges(uint32_t source, uint64_t after, uint64_t max_bytes) const override;
  absl::StatusOr<std::vector<DayCount>> DayCounts(uint32_t source, Endpoint endpoint) const override;
  absl::StatusOr<std::vector<StampCount>> StampCounts(uint32_t source, Endpoint endpoint,
                                                      int64_t from_day) const override;
  absl::StatusOr<uint64_t> CountRows(uint32_t source, Endpoint endpoint, std::optional<absl::Time> from,
                                     std::optional<absl::Time> to) const override;
  absl::StatusOr<std::vector<Quarantined>> ListQuarantine(uint32_t source) const override;

 private:
  absl::Status CheckReady();
  absl::Status Reopen();
  // The number of the copy.
  absl::StatusOr<uint32_t> CopyInto(rocksdb::BackupEngine& backups, const BackupOrder& order,
                                    std::atomic<bool>& stop);
  absl::Status CheckOpen() const;  // for reads: only a disk that cannot even be read leaves no database
  absl::StatusOr<Committed> TryCommit(Batch batch);
  // Moves the page's rows out of the plan.
  absl::Status FillWriteBatch(BatchPlan& plan, uint64_t number, rocksdb::WriteBatch& write) const;
  absl::Status PutPage(PagePlan& page, rocksdb::WriteBatch& write) const;
  absl::Status PutErasure(const PagePlan& page, rocksdb::WriteBatch& write) const;
  absl::Status PutDayCounters(const PagePlan& page, rocksdb::WriteBatch& write) const;
  absl::Status PutStampCounters(const PagePlan& page, rocksdb::WriteBatch& write) const;
  absl::Status WriteSynced(rocksdb::WriteBatch& write, uint64_t number);

  // Reads hold it shared while they use the database, Reopen alone while it is replaced.
  mutable std::shared_mutex database_mutex_;
  std::atomic<bool> make_way_ = false;  // Reopen waits: who holds it for long is to give up
  RocksParts parts_;
  std::mutex commit_mutex_;              // one commit at a time; guards all below but last_commit_
  std::optional<absl::Status> failure_;  // set once: every further commit gets it
  bool stalled_ = false;  // a write found the disk full: the database is opened anew before the next one
  std::atomic<uint64_t> last_commit_;
};

// PlanPage's look-ups in RocksDB: many keys at once, the newest state.
class RocksStoredRows final : public StoredRows {
 public:
  explicit RocksStoredRows(const Database& database) : database_(database) {}
  absl::StatusOr<std::vector<std::optional<storage::RowPlace>>> Places(
      uint32_t source, Endpoint endpoint, const std::vector<absl::string_view>& ids) override;
  absl::StatusOr<std::vector<std::string>> Contents(uint32_t source,
                                                    const std::vector<uint64_t>& changes) override;
  absl::StatusOr<bool> IsQuarantined(uint32_t source, Endpoint endpoint, const std::string& name) override;

 private:
  const Database& database_;
};

// The rows under these change numbers, parallel to them. DATA_LOSS when one is missing or unreadable.
absl::StatusOr<std::vector<storage::ChangedRow>> ReadRows(const Database& database,
                                                          const rocksdb::ReadOptions& options,
                                                          uint32_t source,
                                                          const std::vector<uint64_t>& changes);

}  // namespace penstock::store
