// SPDX-License-Identifier: Apache-2.0
#include "coordinator/backup_book.h"

#include <algorithm>

#include "base/status_macros.h"
#include "proto/convert.h"

namespace penstock::coordinator {

const store::Backup* NewestOf(const BackupBook& book, const std::string& store_id) {
  const auto newest = std::find_if(
      book.backups.rbegin(), book.backups.rend(),
      [&](const store::Backup& backup) { return backup.damage.empty() && backup.store_id == store_id; });
  return newest == book.backups.rend() ? nullptr : &*newest;
}

bool IsBackupDue(const BackupSettings& settings, const BackupBook& book, const std::string& store_id,
                 const Moment& now) {
  if (!settings.by_schedule || settings.every == absl::ZeroDuration() || !book.listed ||
      now.boot < book.next_try)
    return false;
  const store::Backup* newest = NewestOf(book, store_id);
  if (newest == nullptr) return true;
  // One from the future tells of a clock that was put back: by it the next one could be years away.
  return newest->taken + settings.every <= now.wall || newest->taken > now.wall + settings.every;
}

void BeginRun(BackupBook& book, const std::string& requested_by, const Moment& now) {
  CHECK(book.run.state() != v1::BackupRun::RUNNING);
  v1::BackupRun run;
  run.set_number(book.run.number() + 1);
  run.set_state(v1::BackupRun::RUNNING);
  run.set_requested_by(requested_by);
  *run.mutable_begun() = ToProto(now.wall);
  book.run = run;
}

v1::Backup BackupView(const store::Backup& backup) {
  v1::Backup view;
  view.set_number(backup.number);
  *view.mutable_taken() = ToProto(backup.taken);
  view.set_store_id(backup.store_id);
  view.set_commit(backup.commit);
  view.set_bytes(backup.bytes);
  view.set_damage(backup.damage);
  return view;
}

BackupsLeft BackupsHolding(const BackupSettings& settings, const BackupBook& book, absl::Time erased) {
  BackupsLeft left{0, absl::InfiniteFuture()};
  uint32_t after = 0;
  for (const store::Backup& backup : book.backups) {
    if (backup.taken < erased) {
      ++left.backups;
    } else {
      after += backup.damage.empty();
    }
  }
  const bool known = left.backups > 0 && erased != absl::InfiniteFuture() && after < settings.keep &&
                     settings.every > absl::ZeroDuration();
  if (known) left.gone = book.backups.back().taken + (settings.keep - after) * settings.every;
  return left;
}

}  // namespace penstock::coordinator
