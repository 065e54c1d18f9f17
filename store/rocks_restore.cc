// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "base/status_macros.h"
#include "store/directory_lock.h"
#include "store/rocks_backup_set.h"
#include "store/rocks_mark_file.h"
#include "store/rocks_open.h"
#include "store/rocks_seams.h"
#include "store/rocks_status.h"

namespace penstock::store {
namespace {

namespace fs = std::filesystem;

// The lost store started at most so often since the backup, or had a clock that was at most so many seconds ahead.
constexpr uint64_t kEpochsLost = 1 << 20;

absl::Status CannotWrite(const std::string& directory, const std::error_code& error) {
  return absl::FailedPreconditionError(
      absl::StrCat("cannot restore into ", directory, ": ", error.message(), "; name another --state"));
}

// Nothing may be there but a volume's own folder and what an earlier attempt left.
absl::Status CheckEmpty(const std::string& directory) {
  static const std::set<std::string> kAllowed = {"LOCK", "lost+found", kRestoring};
  static const std::set<std::string> kUnfinished = {"commit-mark", "forget-key", "forget-key.new"};
  std::error_code error;
  const bool unfinished = fs::exists(fs::path(directory) / kRestoring, error);
  fs::directory_iterator entries(directory, error), end;
  for (; !error && entries != end; entries.increment(error)) {
    const std::string name = entries->path().filename().string();
    if (kAllowed.contains(name) || (unfinished && kUnfinished.contains(name))) continue;
    return absl::FailedPreconditionError(absl::StrCat(directory, " is not empty: it holds '", name,
                                                      "'; restore into a new or an empty directory"));
  }
  return error ? CannotWrite(directory, error) : absl::OkStatus();
}

// The database of the backup with a mark beside it, as if it had been copied whole.
absl::Status CopyBack(rocksdb::Env& env, const rocksdb::BackupEngineReadOnly& backups, const Backup& backup,
                      const RestoreOrder& order, const RocksStoreOptions& store) {
  std::error_code error;
  fs::remove_all(store.directory, error);
  fs::create_directory(store.directory, order.directory, error);
  if (error) return CannotWrite(order.directory, error);
  const std::string database = DatabasePath(store);
  RETURN_IF_ERROR(ToBackupStatus(
      backups.RestoreDBFromBackup(backup.number, database, database),
      absl::StrCat("restoring backup ", backup.number, " from ", order.from, " to ", order.directory)));
  return MarkFile::Create(env, MarkPath(store), {backup.store_id, backup.epoch, backup.commit});
}

// Another store from here on.
absl::Status Rename(rocksdb::Env& env, const RocksStoreOptions& store, const Clock& clock, Random& random) {
  ASSIGN_OR_RETURN(Inspection found, InspectStore(env, store));
  if (found.create) return absl::DataLossError("the backup holds no store; use another one");
  found.reader.reset();
  storage::StoreIdentity identity = found.identity;
  identity.set_store_id(NewId(random));
  const int64_t now = std::max<int64_t>(absl::ToUnixSeconds(clock.Now().wall), 0);
  identity.set_epoch(std::max(identity.epoch(), static_cast<uint64_t>(now)) + kEpochsLost);
  ASSIGN_OR_RETURN(const std::unique_ptr<Database> database,
                   Database::Open(env, DatabasePath(store), store, Database::OpenOptions()));
  RETURN_IF_ERROR(WriteIdentity(*database, identity));
  return MarkFile::Create(env, MarkPath(store), {identity.store_id(), identity.epoch(), identity.commit()});
}

// The mark first: with it and without the database nothing opens.
absl::Status MoveInPlace(rocksdb::Env& env, const RocksStoreOptions& from, const RocksStoreOptions& to) {
  std::unique_ptr<rocksdb::Directory> directory;
  RETURN_IF_ERROR(ToStatus(env.NewDirectory(to.directory, &directory), "opening the directory"));
  RETURN_IF_ERROR(ToStatus(env.RenameFile(MarkPath(from), MarkPath(to)), "naming the commit mark"));
  RETURN_IF_ERROR(ToStatus(directory->Fsync(), "syncing the directory"));
  RETURN_IF_ERROR(ToStatus(env.RenameFile(DatabasePath(from), DatabasePath(to)), "naming the database"));
  RETURN_IF_ERROR(ToStatus(directory->Fsync(), "syncing the directory"));
  std::error_code ignored;  // what may stay behind is in nobody's way
  fs::remove_all(from.directory, ignored);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Backup> RestoreBackupOn(rocksdb::Env& env, const RestoreOrder& order, const Clock& clock,
                                       Random& random, const std::function<absl::Status(Store&)>& amend) {
  ASSIGN_OR_RETURN(const std::unique_ptr<rocksdb::BackupEngineReadOnly> backups,
                   ReadBackups(env, order.from));
  ASSIGN_OR_RETURN(const Backup backup, FindBackup(BackupsOf(*backups), order.from, order.number));
  std::error_code error;
  const bool made = fs::create_directories(order.directory, error);
  if (made && !error) fs::permissions(order.directory, fs::perms::owner_all, error);
  if (error) return CannotWrite(order.directory, error);
  RETURN_IF_ERROR(CheckEmpty(order.directory));
  ASSIGN_OR_RETURN(const DirectoryLock lock, DirectoryLock::Take(order.directory));
  RocksStoreOptions place, building;
  place.directory = order.directory;
  building.directory = order.directory + "/" + kRestoring;
  RETURN_IF_ERROR(CopyBack(env, *backups, backup, order, building));
  RETURN_IF_ERROR(Rename(env, building, clock, random));
  {
    ASSIGN_OR_RETURN(const std::unique_ptr<Store> store, OpenRocksStoreOn(env, building, clock, random));
    RETURN_IF_ERROR(amend(*store));
  }
  RETURN_IF_ERROR(MoveInPlace(env, building, place));
  return backup;
}

absl::StatusOr<Backup> RestoreBackup(const RestoreOrder& order, const Clock& clock, Random& random,
                                     const std::function<absl::Status(Store&)>& amend) {
  return RestoreBackupOn(*rocksdb::Env::Default(), order, clock, random, amend);
}

}  // namespace penstock::store
