// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "store/rocks_backup_set.h"
#include "store/rocks_status.h"
#include "store/rocks_store_impl.h"

namespace penstock::store {
namespace {

// Those before the newest `keep` whole ones, damaged ones too: what they hold is to go in time.
absl::Status DropOlder(rocksdb::BackupEngine& engine, const std::vector<Backup>& backups, uint32_t keep,
                       const std::string& directory) {
  uint32_t whole = 0;
  for (auto backup = backups.rbegin(); backup != backups.rend(); ++backup) {
    if (whole >= keep) {
      RETURN_IF_ERROR(ToBackupStatus(engine.DeleteBackup(backup->number),
                                     absl::StrCat("dropping backup ", backup->number, " in ", directory)));
    }
    whole += backup->damage.empty();
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<uint32_t> RocksStore::CopyInto(rocksdb::BackupEngine& backups, const BackupOrder& order,
                                              std::atomic<bool>& stop) {
  std::shared_lock lock(database_mutex_);
  RETURN_IF_ERROR(CheckOpen());
  const Database& database = *parts_.database;
  BackupNote note;
  note.mark = {parts_.identity.store_id(), parts_.identity.epoch(), last_commit_};
  note.taken = order.now;
  // So that little of the log has to be copied, which no two backups share.
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  for (Family family : kAllFamilies) families.push_back(database.family(family));
  RETURN_IF_ERROR(
      ToStatus(database.db().Flush(rocksdb::FlushOptions(), families), "writing what is in memory"));
  if (stop) return absl::CancelledError("the backup was stopped");
  rocksdb::CreateBackupOptions options;
  options.decrease_background_thread_cpu_priority = true;
  options.background_thread_cpu_priority = rocksdb::CpuPriority::kLow;
  options.progress_callback = [&] {
    if (stop || make_way_) backups.StopBackup();
  };
  rocksdb::BackupID number = 0;
  const rocksdb::Status copied =
      backups.CreateNewBackupWithMetadata(options, &database.db(), EncodeNote(note), &number);
  if (make_way_)
    return absl::UnavailableError("the disk of the state directory was full while it was copied");
  RETURN_IF_ERROR(ToBackupStatus(copied, absl::StrCat("copying the store to ", order.directory)));
  return number;
}

absl::StatusOr<Backup> RocksStore::BackUp(const BackupOrder& order, std::atomic<bool>& stop) {
  CHECK(order.keep > 0);
  if (parts_.mark == nullptr) return absl::FailedPreconditionError("the store is open for reading only");
  RETURN_IF_ERROR(PrepareBackupDirectory(order.directory));
  ASSIGN_OR_RETURN(const DirectoryLock lock,
                   DirectoryLock::Take(order.directory, "the directory of backups",
                                       "let it finish, or give each coordinator a directory of its own"));
  ASSIGN_OR_RETURN(const std::unique_ptr<rocksdb::BackupEngine> engine,
                   OpenBackups(*parts_.env, order.directory));
  ASSIGN_OR_RETURN(const uint32_t number, CopyInto(*engine, order, stop));
  const std::vector<Backup> backups = BackupsOf(*engine);
  ASSIGN_OR_RETURN(Backup made, FindBackup(backups, order.directory, number));
  RETURN_IF_ERROR(DropOlder(*engine, backups, order.keep, order.directory));
  return made;
}

}  // namespace penstock::store
