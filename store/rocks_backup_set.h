// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "rocksdb/env.h"
#include "rocksdb/io_status.h"
#include "rocksdb/utilities/backup_engine.h"
#include "store/commit_mark.h"
#include "store/rocks_backups.h"

namespace penstock::store {

// The backups of a directory, as RocksDB's engine has them. rocks_backups.h and Store::BackUp on another disk: the seam
// for tests, like rocks_seams.h.

// What a backup carries of ours: a slot of the commit mark, then `taken` in milliseconds since 1970, big-endian.
struct BackupNote {
  CommitMark mark;
  absl::Time taken;
};
std::string EncodeNote(const BackupNote& note);
std::optional<BackupNote> DecodeNote(absl::string_view bytes);

// Of what went wrong with files of backups; OK stays OK. `doing` begins with a verb: "copying the store to /backup".
absl::Status ToBackupStatus(const rocksdb::Status& status, absl::string_view doing);

absl::StatusOr<std::unique_ptr<rocksdb::BackupEngine>> OpenBackups(rocksdb::Env& env,
                                                                   const std::string& directory);
// Also where nothing can be written.
absl::StatusOr<std::unique_ptr<rocksdb::BackupEngineReadOnly>> ReadBackups(rocksdb::Env& env,
                                                                           const std::string& directory);
std::vector<Backup> BackupsOf(const rocksdb::BackupEngineReadOnlyBase& engine);
// NOT_FOUND names those that there are; DATA_LOSS: it is damaged.
absl::StatusOr<Backup> FindBackup(const std::vector<Backup>& backups, const std::string& directory,
                                  std::optional<uint32_t> number);

absl::StatusOr<Backup> RestoreBackupOn(rocksdb::Env& env, const RestoreOrder& order, const Clock& clock,
                                       Random& random, const std::function<absl::Status(Store&)>& amend);

}  // namespace penstock::store
