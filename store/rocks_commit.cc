// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "store/encoding.h"
#include "store/rocks_open.h"
#include "store/rocks_seams.h"
#include "store/rocks_status.h"
#include "store/rocks_store_impl.h"
#include "store/row_convert.h"

namespace penstock::store {

namespace {

// About what the batch will be: grown bit by bit, a page of several 100 KB would be copied many times over.
size_t BytesOf(const BatchPlan& plan) {
  constexpr size_t kRowOverhead = 160;  // keys, stamps and lengths, of the row and of its change
  size_t bytes = (plan.records.size() + 1) * 1024;
  for (const PagePlan& page : plan.pages) {
    for (const RowPut& put : page.rows) bytes += put.row.raw().size() + 3 * put.id.size() + kRowOverhead;
  }
  return bytes;
}

}  // namespace

void DiskErrors::OnIOError(const rocksdb::IOErrorInfo& info) {
  using Operation = rocksdb::FileOperationType;
  const bool sync = info.operation == Operation::kSync || info.operation == Operation::kFsync ||
                    info.operation == Operation::kRangeSync;
  if (sync && absl::EndsWith(info.file_path, ".log")) wal_sync_failed_ = true;
}

RocksStore::RocksStore(RocksParts parts) : parts_(std::move(parts)), last_commit_(parts_.identity.commit()) {}

absl::StatusOr<Committed> RocksStore::Commit(Batch batch) {
  std::lock_guard lock(commit_mutex_);
  if (parts_.mark == nullptr) {
    return absl::FailedPreconditionError(
        "the store is open for reading only; send the command to the running process");
  }
  if (failure_) return *failure_;
  absl::StatusOr<Committed> committed = TryCommit(std::move(batch));
  if (absl::IsDataLoss(committed.status()) || absl::IsInternal(committed.status()))
    failure_ = committed.status();
  return committed;
}

absl::StatusOr<Committed> RocksStore::TryCommit(Batch batch) {
  RETURN_IF_ERROR(CheckReady());
  RocksStoredRows stored(*parts_.database);
  ASSIGN_OR_RETURN(BatchPlan plan, PlanBatch(std::move(batch), parts_.sources, stored));
  Committed committed;
  committed.number = last_commit_ + 1;
  rocksdb::WriteBatch write(BytesOf(plan));
  RETURN_IF_ERROR(FillWriteBatch(plan, committed.number, write));
  RETURN_IF_ERROR(WriteSynced(write, committed.number));
  committed.counts = plan.counts;
  committed.last_change = plan.last_change;
  for (auto& [id, source] : plan.sources) parts_.sources[id] = std::move(source);
  committed.records = std::move(plan.records);
  return committed;
}

// Before anything is looked up: whether there is room, and whether RocksDB takes writes again after there was
// none.
absl::Status RocksStore::CheckReady() {
  uint64_t free_bytes = 0;
  const rocksdb::Status asked = parts_.env->GetFreeSpace(parts_.options.directory, &free_bytes);
  if (asked.ok() && free_bytes < kFreeSpaceReserve) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "the disk of ", parts_.options.directory, " has ", free_bytes >> 20, " MiB free and ",
        kFreeSpaceReserve >> 20, " MiB are needed; make room, nothing was lost and work goes on by itself"));
  }
  return stalled_ ? Reopen() : absl::OkStatus();
}

// After a write that found no room the log ends in half a record and RocksDB refuses further writes. Opening
// it anew cuts that off the way a crash would; its own Resume aborts on an assertion in this version. Reads
// see nothing of it but a pause.
absl::Status RocksStore::Reopen() {
  make_way_ = true;
  std::unique_lock lock(database_mutex_);
  make_way_ = false;
  parts_.database.reset();
  const std::string directory = DatabasePath(parts_.options);
  absl::StatusOr<std::unique_ptr<Database>> opened =
      Database::Open(*parts_.env, directory, parts_.options, Database::OpenOptions(), parts_.errors);
  if (!opened.ok()) {
    // Still no room, perhaps: reads need none.
    Database::OpenOptions how;
    how.read_only = true;
    ASSIGN_OR_RETURN(parts_.database, Database::Open(*parts_.env, directory, parts_.options, how));
    return opened.status();
  }
  parts_.database = *std::move(opened);
  storage::StoreIdentity identity;
  RETURN_IF_ERROR(
      parts_.database->Get(rocksdb::ReadOptions(), Family::kDefault, IdentityKey().Encode(), identity));
  if (identity.commit() != last_commit_) {
    return absl::DataLossError(absl::StrCat("after the disk of ", parts_.options.directory,
                                            " was full the database ends at ", "commit ", identity.commit(),
                                            " instead of ", last_commit_.load(), "; start again"));
  }
  stalled_ = false;
  return absl::OkStatus();
}

absl::Status RocksStore::FillWriteBatch(BatchPlan& plan, uint64_t number, rocksdb::WriteBatch& write) const {
  const auto put = [&](Family family, const std::string& key, const google::protobuf::MessageLite& message) {
    return ToStatus(write.Put(parts_.database->family(family), key, EncodeValue(message)),
                    "building a commit");
  };
  // First, so that the next start finds it quickly in each batch of the log.
  storage::StoreIdentity identity = parts_.identity;
  identity.set_commit(number);
  RETURN_IF_ERROR(put(Family::kDefault, IdentityKey().Encode(), identity));
  for (const Record& record : plan.records) {
    if (std::holds_alternative<storage::SourceRecord>(record)) continue;
    const RecordKey key = KeyOfRecord(record);
    RETURN_IF_ERROR(
        std::visit([&](const auto& message) { return put(key.family, key.key, message); }, record));
  }
  for (const auto& [id, source] : plan.sources) {
    RETURN_IF_ERROR(put(Family::kDefault, SourceKey{id}.Encode(), source));
  }
  for (PagePlan& page : plan.pages) RETURN_IF_ERROR(PutPage(page, write));
  return absl::OkStatus();
}

absl::Status RocksStore::PutPage(PagePlan& page, rocksdb::WriteBatch& write) const {
  const Database& database = *parts_.database;
  rocksdb::ColumnFamilyHandle* const rows = database.family(Family::kRows);
  rocksdb::ColumnFamilyHandle* const changes = database.family(Family::kChanges);
  for (uint64_t number : page.retired) {
    RETURN_IF_ERROR(
        ToStatus(write.Delete(changes, ChangeKey{page.source, number}.Encode()), "building a commit"));
  }
  storage::ChangedRow changed;
  changed.set_endpoint(static_cast<int32_t>(page.endpoint));
  std::string value;
  for (RowPut& put : page.rows) {
    EncodeValueInto(PlaceOf(put.row), value);
    const std::string change_key = ChangeKey{page.source, put.row.change()}.Encode();
    RETURN_IF_ERROR(ToStatus(write.Put(rows, RowKey{page.source, page.endpoint, put.id}.Encode(), value),
                             "building a commit"));
    changed.set_id(std::move(put.id));
    changed.mutable_row()->Swap(&put.row);
    EncodeValueInto(changed, value);
    RETURN_IF_ERROR(ToStatus(write.Put(changes, change_key, value), "building a commit"));
  }
  RETURN_IF_ERROR(PutErasure(page, write));
  for (const QuarantinePut& put : page.quarantine) {
    RETURN_IF_ERROR(ToStatus(
        write.Put(database.family(Family::kQuarantine),
                  QuarantineKey{page.source, page.endpoint, put.name}.Encode(), EncodeValue(put.record)),
        "building a commit"));
  }
  RETURN_IF_ERROR(PutDayCounters(page, write));
  return PutStampCounters(page, write);
}

absl::Status RocksStore::PutErasure(const PagePlan& page, rocksdb::WriteBatch& write) const {
  const auto drop = [&](Family family, const std::string& key) {
    return ToStatus(write.Delete(parts_.database->family(family), key), "building a commit");
  };
  for (const std::string& id : page.removed) {
    RETURN_IF_ERROR(drop(Family::kRows, RowKey{page.source, page.endpoint, id}.Encode()));
  }
  for (const std::string& name : page.released) {
    RETURN_IF_ERROR(drop(Family::kQuarantine, QuarantineKey{page.source, page.endpoint, name}.Encode()));
  }
  storage::ChangedRow changed;
  changed.set_endpoint(static_cast<int32_t>(page.endpoint));
  changed.set_erased(true);
  for (const ErasedPut& put : page.erased) {
    changed.set_id(put.id);
    RETURN_IF_ERROR(ToStatus(write.Put(parts_.database->family(Family::kChanges),
                                       ChangeKey{page.source, put.change}.Encode(), EncodeValue(changed)),
                             "building a commit"));
  }
  return absl::OkStatus();
}

absl::Status RocksStore::PutDayCounters(const PagePlan& page, rocksdb::WriteBatch& write) const {
  const Database& database = *parts_.database;
  for (const auto& [day, delta] : page.day_deltas) {
    const std::string key = DayCounterKey{page.source, page.endpoint, day}.Encode();
    storage::DayCounterRecord counter;
    const absl::Status read = database.Get(rocksdb::ReadOptions(), Family::kCounters, key, counter);
    if (!absl::IsNotFound(read)) RETURN_IF_ERROR(read);
    counter.set_rows(counter.rows() + delta);
    if (counter.rows() < 0) {
      return absl::DataLossError(
          absl::StrCat("the counter of day ", day, " of ", Name(page.endpoint),
                       " would fall below zero; the database is damaged: restore a backup"));
    }
    rocksdb::ColumnFamilyHandle* family = database.family(Family::kCounters);
    RETURN_IF_ERROR(ToStatus(
        counter.rows() == 0 ? write.Delete(family, key) : write.Put(family, key, EncodeValue(counter)),
        "building a commit"));
  }
  return absl::OkStatus();
}

absl::Status RocksStore::PutStampCounters(const PagePlan& page, rocksdb::WriteBatch& write) const {
  const Database& database = *parts_.database;
  rocksdb::ColumnFamilyHandle* family = database.family(Family::kCounters);
  for (const auto& [days, delta] : page.stamp_deltas) {
    const std::string key = StampCounterKey{page.source, page.endpoint, days.first, days.second}.Encode();
    storage::DayCounterRecord counter;
    const absl::Status read = database.Get(rocksdb::ReadOptions(), Family::kCounters, key, counter);
    if (!absl::IsNotFound(read)) RETURN_IF_ERROR(read);
    // Rows of a version without these counters were never counted, so below zero is not damage.
    counter.set_rows(std::max<int64_t>(counter.rows() + delta, 0));
    RETURN_IF_ERROR(ToStatus(
        counter.rows() == 0 ? write.Delete(family, key) : write.Put(family, key, EncodeValue(counter)),
        "building a commit"));
  }
  return absl::OkStatus();
}

// One synced write, then the mark. Only then may the commit be acknowledged.
absl::Status RocksStore::WriteSynced(rocksdb::WriteBatch& write, uint64_t number) {
  rocksdb::WriteOptions synced;
  synced.sync = true;
  const rocksdb::Status written = parts_.database->db().Write(synced, &write);
  if (parts_.errors->wal_sync_failed()) {
    return absl::DataLossError(absl::StrCat("the disk of ", parts_.options.directory,
                                            " failed while a commit was synced: ", written.ToString(),
                                            "; what it holds is unknown until the next start: check "
                                            "the disk, then start again"));
  }
  stalled_ = written.IsNoSpace();
  RETURN_IF_ERROR(ToStatus(written, "writing a commit"));
  absl::Status marked = parts_.mark->Write({parts_.identity.store_id(), parts_.identity.epoch(), number});
  if (!marked.ok()) {
    // The commit itself is durable, so "nothing was written" would be wrong whatever the cause.
    return absl::DataLossError(
        absl::StrCat("commit ", number, " was written but not marked: ", marked.message()));
  }
  parts_.identity.set_commit(number);
  last_commit_ = number;
  return absl::OkStatus();
}

}  // namespace penstock::store
