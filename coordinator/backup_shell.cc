// SPDX-License-Identifier: Apache-2.0
#include "coordinator/backup_shell.h"

#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/keyed_hash.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "coordinator/backup_book.h"
#include "coordinator/forget_key.h"
#include "coordinator/limits.h"
#include "proto/convert.h"
#include "store/rocks_backups.h"

namespace penstock::coordinator {
namespace {

namespace fs = std::filesystem;

uint64_t BytesIn(const std::string& directory) {
  uint64_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code gone;
    if (!entry->is_regular_file(gone)) continue;
    const uint64_t size = entry->file_size(gone);
    if (!gone) bytes += size;
  }
  return bytes;
}

// Of a volume that is mounted, as far as can be told.
bool IsFolderAboveThere(const std::string& directory) {
  std::error_code error;
  fs::path path = fs::absolute(directory, error).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();  // it ended in '/'
  return fs::is_directory(path.parent_path(), error);
}

}  // namespace

absl::Status KeepKeyWithBackups(const std::string& directory, const std::string& key) {
  const absl::StatusOr<std::string> kept = ReadHashKeyFile(absl::StrCat(directory, "/forget-key"));
  if (absl::IsNotFound(kept.status())) return SaveForgetKey(directory, {key, true});
  RETURN_IF_ERROR(kept.status());
  if (*kept == key) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      directory,
      " holds the backups of another state directory (its forget-key is another one); name another one"));
}

BackupShell::~BackupShell() {
  stop_ = true;
  if (outcome_.valid()) outcome_.wait();
}

absl::StatusOr<store::Backup> BackupShell::Make(const Moment& now) {
  const BackupSettings& settings = core_.options().backup;
  RETURN_IF_ERROR(store::PrepareBackupDirectory(settings.directory));
  RETURN_IF_ERROR(KeepKeyWithBackups(settings.directory, core_.options().forget_key));
  return core_.BackUp({settings.directory, settings.keep, now.wall}, stop_);
}

BackupShell::Outcome BackupShell::Work(bool make, const Moment& now) {
  Outcome outcome;
  if (make) outcome.made = Make(now);
  const std::string& directory = core_.options().backup.directory;
  outcome.listed = store::ListBackups(directory);
  // Before the first backup the directory need not be there.
  if (absl::IsNotFound(outcome.listed.status()) && IsFolderAboveThere(directory))
    outcome.listed = std::vector<store::Backup>();
  outcome.bytes = BytesIn(directory);
  return outcome;
}

void BackupShell::Tick() {
  const BackupSettings& settings = core_.options().backup;
  if (settings.directory.empty()) return;
  if (outcome_.valid()) {
    if (outcome_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return;
    TakeOutcome();
  }
  const Core::Turn turn = core_.Enter();
  BackupBook& book = core_.backups();
  const bool asked = book.run.state() == v1::BackupRun::RUNNING;
  if (!asked && IsBackupDue(settings, book, core_.store().store_id(), turn.now)) BeginRun(book, "", turn.now);
  const bool make = book.run.state() == v1::BackupRun::RUNNING;
  if (!make && (book.listed || turn.now.boot < book.next_try)) return;
  outcome_ = std::async(std::launch::async, [this, make, now = turn.now] { return Work(make, now); });
}

void BackupShell::TakeOutcome() {
  Outcome outcome = outcome_.get();
  const Core::Turn turn = core_.Enter();
  BackupBook& book = core_.backups();
  const std::string& directory = core_.options().backup.directory;
  book.listed = outcome.listed.ok();
  book.trouble = std::string(outcome.listed.status().message());
  if (outcome.listed.ok()) {
    book.backups = *std::move(outcome.listed);
    book.bytes = outcome.bytes;
  } else {
    book.next_try = turn.now.boot + kBackupAgain;
    Log(LogLevel::kWarning, "the backups cannot be listed; it is tried again",
        {{"error", std::string(outcome.listed.status().message())}});
  }
  if (!outcome.made.has_value()) return;
  *book.run.mutable_ended() = ToProto(turn.now.wall);
  const absl::StatusOr<store::Backup>& made = *outcome.made;
  if (made.ok()) {
    book.run.set_state(v1::BackupRun::DONE);
    *book.run.mutable_backup() = BackupView(*made);
    book.next_try = turn.now.boot;
    return Log(LogLevel::kInfo, "a backup was made",
               {{"directory", directory},
                {"backup", absl::StrCat(made->number)},
                {"commit", absl::StrCat(made->commit)},
                {"bytes", absl::StrCat(made->bytes)}});
  }
  book.run.set_state(v1::BackupRun::FAILED);
  book.run.set_failure(std::string(made.status().message()));
  book.next_try = turn.now.boot + kBackupAgain;
  Log(LogLevel::kError, "no backup was made",
      {{"directory", directory}, {"error", std::string(made.status().message())}});
}

}  // namespace penstock::coordinator
