// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/random.h"
#include "store/store.h"

namespace penstock::store {

// What Store::BackUp of a store in RocksDB leaves in a directory, and the way back. The files are RocksDB's own:
//
//   DIR/LOCK              held while a backup is made there; names the holder
//   DIR/meta/N            what backup N is made of, each file with its size and checksum; written last
//   DIR/private/N/        what it has for itself: the list of files, the end of the log
//   DIR/shared_checksum/  tables, each once for all backups that have it
//
// A backup carries a commit mark (commit_mark.h), so that one that lacks commits is not restored, and the time when it
// was begun.

// Makes sure that backups may be kept there: makes the last folder of the path (mode 0700), not those above it: where
// they are missing, a volume is not mounted. Errors: FAILED_PRECONDITION for a directory with foreign files, named;
// NOT_FOUND, PERMISSION_DENIED.
absl::Status PrepareBackupDirectory(const std::string& directory);

// In order of number, damaged ones too; `damage` says only whether files are missing. Empty: there are
// none. NOT_FOUND: there is no such directory.
absl::StatusOr<std::vector<Backup>> ListBackups(const std::string& directory);

// Reads every file of a backup and compares its checksum. DATA_LOSS names the first one that differs.
absl::Status VerifyBackup(const std::string& directory, uint32_t number);

struct RestoreOrder {
  std::string from;                // the directory of the backups
  std::optional<uint32_t> number;  // empty: the newest that is not damaged
  std::string directory;           // where the state is to be: absent or empty
};
// A store that continues from a backup. It has an id of its own and an epoch beyond any that the lost store can have
// reached, so nothing that was given out by that one is taken for its own. `amend` makes in it whatever else must not
// go on, before anybody can open it. Killed at any moment, there is no store, and the same call begins again.
//
// Errors: NOT_FOUND names the backups that there are; FAILED_PRECONDITION: the directory is in use or holds something;
// DATA_LOSS: the backup is damaged or lacks commits; RESOURCE_EXHAUSTED; those of `amend`.
absl::StatusOr<Backup> RestoreBackup(const RestoreOrder& order, const Clock& clock, Random& random,
                                     const std::function<absl::Status(Store&)>& amend);

}  // namespace penstock::store
