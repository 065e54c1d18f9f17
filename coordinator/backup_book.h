// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "base/clock.h"
#include "proto/admin_service.pb.h"
#include "store/store.h"

namespace penstock::coordinator {

// What the configuration says of backups.
struct BackupSettings {
  std::string directory;  // empty: none are made
  uint32_t keep = 7;
  absl::Duration every;  // zero: only when somebody asks
  absl::Duration max_age = absl::Hours(48);
  bool by_schedule = true;  // false: this process leaves the schedule to others
};

// What a coordinator knows of the backups of its store. Not durable: their directory is read after each start.
struct BackupBook {
  bool listed = false;                                  // the directory was read, and is as below
  std::vector<store::Backup> backups;                   // in order
  uint64_t bytes = 0;                                   // of the whole directory
  std::string trouble;                                  // why it is not known
  v1::BackupRun run;                                    // the last attempt; number 0: there was none
  absl::Duration next_try = -absl::InfiniteDuration();  // boot clock; of the directory, and by the schedule
};

// Null: there is none. Backups of other stores do not count: one that was restored needs a backup of its own.
const store::Backup* NewestOf(const BackupBook& book, const std::string& store_id);
// By the schedule.
bool IsBackupDue(const BackupSettings& settings, const BackupBook& book, const std::string& store_id,
                 const Moment& now);
// An attempt begins. CHECKs that none is under way.
void BeginRun(BackupBook& book, const std::string& requested_by, const Moment& now);

v1::Backup BackupView(const store::Backup& backup);

// Backups that hold what was erased at `erased` (InfiniteFuture: it still is here), and when the last of them is
// dropped if each new one comes in time; InfiniteFuture: nobody knows.
struct BackupsLeft {
  uint32_t backups = 0;
  absl::Time gone;
};
BackupsLeft BackupsHolding(const BackupSettings& settings, const BackupBook& book, absl::Time erased);

}  // namespace penstock::coordinator
