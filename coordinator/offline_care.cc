// SPDX-License-Identifier: Apache-2.0
#include "coordinator/offline_care.h"

#include <atomic>

#include "base/status_macros.h"
#include "coordinator/backup_book.h"
#include "coordinator/check_shell.h"
#include "store/rocks_backups.h"
#include "store/rocks_store.h"

namespace penstock::coordinator {

absl::StatusOr<std::vector<v1::Backup>> BackupsIn(const std::string& directory) {
  ASSIGN_OR_RETURN(const std::vector<store::Backup> backups, store::ListBackups(directory));
  std::vector<v1::Backup> views;
  for (const store::Backup& backup : backups) views.push_back(BackupView(backup));
  return views;
}

absl::StatusOr<std::vector<v1::Backup>> VerifiedBackupsIn(const std::string& directory) {
  ASSIGN_OR_RETURN(std::vector<v1::Backup> backups, BackupsIn(directory));
  for (v1::Backup& backup : backups) {
    if (!backup.damage().empty()) continue;
    backup.set_damage(std::string(store::VerifyBackup(directory, backup.number()).message()));
  }
  return backups;
}

absl::StatusOr<v1::StoreCheck> CheckState(const std::string& state, const Clock& clock, Random& random) {
  store::RocksStoreOptions options;
  options.directory = state;
  options.read_only = true;
  ASSIGN_OR_RETURN(const std::unique_ptr<store::Store> store, store::OpenRocksStore(options, clock, random));
  const std::atomic<bool> stop = false;
  v1::StoreCheck check;
  PutFound(store->Check(stop), check);
  return check;
}

}  // namespace penstock::coordinator
