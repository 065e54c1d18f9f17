// SPDX-License-Identifier: Apache-2.0
// What people may ask about the care of the store: AdminDesk's calls.
#include "absl/strings/str_cat.h"
#include "coordinator/admin_desk.h"
#include "coordinator/backup_book.h"
#include "coordinator/limits.h"
#include "proto/convert.h"

namespace penstock::coordinator {

absl::StatusOr<v1::BackupRun> AdminDesk::CreateBackup(const v1::CreateBackupRequest& request) {
  const Core::Turn turn = core_.Enter();
  if (core_.options().read_only)
    return absl::FailedPreconditionError("no coordinator runs: the store is open for reading only");
  if (core_.options().backup.directory.empty()) {
    return absl::FailedPreconditionError(
        "this coordinator was told no directory for backups; give its configuration a 'backup' with a 'dir', "
        "and start "
        "it again");
  }
  if (request.requested_by().size() > kPauseBytesMax)
    return absl::InvalidArgumentError("the name of who asks is too long");
  BackupBook& book = core_.backups();
  if (book.run.state() != v1::BackupRun::RUNNING) BeginRun(book, request.requested_by(), turn.now);
  return book.run;
}

absl::StatusOr<v1::ListBackupsResponse> AdminDesk::ListBackups(const v1::ListBackupsRequest&) {
  const Core::Turn turn = core_.Enter();
  const BackupSettings& settings = core_.options().backup;
  const BackupBook& book = core_.backups();
  v1::ListBackupsResponse response;
  response.set_directory(settings.directory);
  if (settings.directory.empty()) return response;
  if (!book.listed && book.run.state() != v1::BackupRun::RUNNING) {
    return absl::InternalError(
        absl::StrCat("it is not known which backups there are: ",
                     book.trouble.empty() ? "the directory is still read" : book.trouble));
  }
  for (const store::Backup& backup : book.backups) *response.add_backups() = BackupView(backup);
  response.set_keep(settings.keep);
  if (settings.every > absl::ZeroDuration()) *response.mutable_every() = ToProto(settings.every);
  *response.mutable_max_age() = ToProto(settings.max_age);
  if (book.run.number() > 0) *response.mutable_last() = book.run;
  return response;
}

absl::StatusOr<v1::StoreCheck> AdminDesk::CheckStore(const v1::CheckStoreRequest&) {
  const Core::Turn turn = core_.Enter();
  if (core_.options().read_only)
    return absl::FailedPreconditionError("no coordinator runs: the store is open for reading only");
  v1::StoreCheck& check = core_.store_check();
  if (check.state() == v1::StoreCheck::RUNNING) return check;
  v1::StoreCheck begun;
  begun.set_number(check.number() + 1);
  begun.set_state(v1::StoreCheck::RUNNING);
  *begun.mutable_begun() = ToProto(turn.now.wall);
  return check = begun;
}

absl::StatusOr<v1::StoreCheck> AdminDesk::GetStoreCheck(const v1::GetStoreCheckRequest&) {
  const Core::Turn turn = core_.Enter();
  if (core_.store_check().number() > 0) return core_.store_check();
  return absl::NotFoundError(
      "the store was not checked since the coordinator started; penstock verify does it");
}

}  // namespace penstock::coordinator
