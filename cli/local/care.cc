// SPDX-License-Identifier: Apache-2.0
#include "cli/local/care.h"

#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "cli/exit_code.h"
#include "coordinator/backup_book.h"
#include "coordinator/offline_care.h"
#include "coordinator/restore.h"
#include "proto/convert.h"

namespace penstock::cli {

absl::StatusOr<v1::ListBackupsResponse> ListBackupsHere(const BackupConfig& config) {
  const auto backups = coordinator::BackupsIn(config.dir);
  if (!backups.ok()) return WithExitCode(backups.status(), ExitCode::kLocalTrouble);
  v1::ListBackupsResponse response;
  response.set_directory(config.dir);
  for (const v1::Backup& backup : *backups) *response.add_backups() = backup;
  response.set_keep(config.keep);
  if (config.every > absl::ZeroDuration()) *response.mutable_every() = ToProto(config.every);
  *response.mutable_max_age() = ToProto(config.max_age);
  return response;
}

absl::StatusOr<RestoredState> RestoreHere(const RestoreOptions& options) {
  const absl::StatusOr<coordinator::Restored> restored =
      coordinator::RestoreState({options.from, options.number, options.state}, SystemClock(), SystemRandom());
  if (!restored.ok()) return WithExitCode(restored.status(), ExitCode::kLocalTrouble);
  return RestoredState{coordinator::BackupView(restored->backup), restored->store_id, restored->erasures};
}

absl::StatusOr<v1::StoreCheck> CheckStoreHere(const std::string& state) {
  const auto check = coordinator::CheckState(state, SystemClock(), SystemRandom());
  return check.ok() ? check : WithExitCode(check.status(), ExitCode::kLocalTrouble);
}

absl::StatusOr<v1::ListBackupsResponse> VerifyBackupsHere(const std::string& directory) {
  const auto backups = coordinator::VerifiedBackupsIn(directory);
  if (!backups.ok()) return WithExitCode(backups.status(), ExitCode::kLocalTrouble);
  v1::ListBackupsResponse response;
  response.set_directory(directory);
  for (const v1::Backup& backup : *backups) *response.add_backups() = backup;
  return response;
}

}  // namespace penstock::cli
