// SPDX-License-Identifier: Apache-2.0
#include "store/rocks_backup_set.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"

namespace penstock::store {
namespace {

constexpr size_t kTakenBytes = 8;

absl::Status CannotUse(const std::string& directory, int error) {
  const std::string message = absl::StrCat("cannot keep backups in ", directory, ": ", std::strerror(error));
  if (error == ENOENT) {
    return absl::NotFoundError(
        absl::StrCat(message, "; the folder above it must be there: is its volume mounted?"));
  }
  return absl::PermissionDeniedError(
      absl::StrCat(message, "; let this user write there, or name another directory"));
}

}  // namespace

std::string EncodeNote(const BackupNote& note) {
  std::string bytes = EncodeMarkSlot(note.mark);
  const auto taken = static_cast<uint64_t>(absl::ToUnixMillis(note.taken));
  for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(taken >> shift));
  return bytes;
}

std::optional<BackupNote> DecodeNote(absl::string_view bytes) {
  if (bytes.size() != kMarkSlotBytes + kTakenBytes) return std::nullopt;
  const std::optional<CommitMark> mark = DecodeMarkSlot(bytes.substr(0, kMarkSlotBytes));
  if (!mark.has_value()) return std::nullopt;
  uint64_t taken = 0;
  for (char byte : bytes.substr(kMarkSlotBytes)) taken = taken << 8 | static_cast<uint8_t>(byte);
  return BackupNote{*mark, absl::FromUnixMillis(static_cast<int64_t>(taken))};
}

absl::Status ToBackupStatus(const rocksdb::Status& status, absl::string_view doing) {
  if (status.ok()) return absl::OkStatus();
  const std::string cause = absl::StrCat(" while ", doing, ": ", status.ToString());
  if (status.IsNoSpace()) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "the disk is full", cause, "; make room there; the store and earlier backups are untouched"));
  }
  if (status.IsIncomplete()) return absl::CancelledError(absl::StrCat("stopped", cause));
  if (status.IsCorruption() || status.IsNotFound()) {
    return absl::DataLossError(absl::StrCat("a backup is damaged", cause, "; use another one"));
  }
  return absl::UnavailableError(
      absl::StrCat("the disk failed", cause, "; check the volume; the store is untouched"));
}

absl::Status PrepareBackupDirectory(const std::string& directory) {
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) return CannotUse(directory, errno);
  if (::access(directory.c_str(), R_OK | W_OK | X_OK) != 0) return CannotUse(directory, errno);
  static const std::set<std::string> kOurs = {"LOCK",    "forget-key",      "forget-key.new", "meta",
                                              "private", "shared_checksum", "lost+found"};
  std::error_code error;
  std::filesystem::directory_iterator entries(directory, error), end;
  for (; !error && entries != end; entries.increment(error)) {
    const std::string name = entries->path().filename().string();
    if (kOurs.contains(name)) continue;
    return absl::FailedPreconditionError(absl::StrCat(directory, " is not a directory of backups: it holds '",
                                                      name, "'; name an empty or a new one"));
  }
  return error ? CannotUse(directory, error.value()) : absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<rocksdb::BackupEngine>> OpenBackups(rocksdb::Env& env,
                                                                   const std::string& directory) {
  rocksdb::BackupEngine* engine = nullptr;
  RETURN_IF_ERROR(
      ToBackupStatus(rocksdb::BackupEngine::Open(rocksdb::BackupEngineOptions(directory), &env, &engine),
                     absl::StrCat("opening the backups in ", directory)));
  return std::unique_ptr<rocksdb::BackupEngine>(engine);
}

absl::StatusOr<std::unique_ptr<rocksdb::BackupEngineReadOnly>> ReadBackups(rocksdb::Env& env,
                                                                           const std::string& directory) {
  if (!env.FileExists(directory).ok()) {
    return absl::NotFoundError(absl::StrCat("there is no directory ", directory, "; is its volume mounted?"));
  }
  if (!env.FileExists(directory + "/meta").ok())
    return absl::NotFoundError(absl::StrCat("there are no backups in ", directory));
  rocksdb::BackupEngineReadOnly* engine = nullptr;
  RETURN_IF_ERROR(ToBackupStatus(
      rocksdb::BackupEngineReadOnly::Open(rocksdb::BackupEngineOptions(directory), &env, &engine),
      absl::StrCat("reading the backups in ", directory)));
  return std::unique_ptr<rocksdb::BackupEngineReadOnly>(engine);
}

std::vector<Backup> BackupsOf(const rocksdb::BackupEngineReadOnlyBase& engine) {
  std::vector<rocksdb::BackupInfo> infos;
  std::vector<rocksdb::BackupID> damaged;
  engine.GetBackupInfo(&infos);
  engine.GetCorruptedBackups(&damaged);
  std::vector<Backup> backups;
  for (const rocksdb::BackupInfo& info : infos) {
    Backup backup;
    backup.number = info.backup_id;
    backup.bytes = info.size;
    backup.taken = absl::FromUnixSeconds(info.timestamp);
    if (const std::optional<BackupNote> note = DecodeNote(info.app_metadata)) {
      backup.taken = note->taken;
      backup.store_id = note->mark.store_id;
      backup.epoch = note->mark.epoch;
      backup.commit = note->mark.commit;
    } else {
      backup.damage = "it does not say which store it is a copy of";
    }
    backups.push_back(std::move(backup));
  }
  for (rocksdb::BackupID number : damaged) {
    Backup backup;
    backup.number = number;
    backup.damage = "files of it are missing";
    backups.push_back(std::move(backup));
  }
  std::sort(backups.begin(), backups.end(),
            [](const Backup& a, const Backup& b) { return a.number < b.number; });
  return backups;
}

absl::StatusOr<Backup> FindBackup(const std::vector<Backup>& backups, const std::string& directory,
                                  std::optional<uint32_t> number) {
  for (auto backup = backups.rbegin(); backup != backups.rend(); ++backup) {
    if (number.has_value() ? backup->number != *number : !backup->damage.empty()) continue;
    if (backup->damage.empty()) return *backup;
    return absl::DataLossError(absl::StrCat("backup ", backup->number, " in ", directory,
                                            " is damaged: ", backup->damage, "; use another one"));
  }
  const std::string known = absl::StrJoin(backups, ", ", [](std::string* text, const Backup& backup) {
    absl::StrAppend(text, backup.number, backup.damage.empty() ? "" : " (damaged)");
  });
  return absl::NotFoundError(
      absl::StrCat("there is no ", number.has_value() ? absl::StrCat("backup ", *number) : "whole backup",
                   " in ", directory, known.empty() ? "" : "; there are ", known));
}

absl::StatusOr<std::vector<Backup>> ListBackups(const std::string& directory) {
  const absl::StatusOr<std::unique_ptr<rocksdb::BackupEngineReadOnly>> engine =
      ReadBackups(*rocksdb::Env::Default(), directory);
  std::error_code unreadable;
  const bool there = std::filesystem::is_directory(directory, unreadable);
  if (absl::IsNotFound(engine.status()) && there) return std::vector<Backup>();
  RETURN_IF_ERROR(engine.status());
  return BackupsOf(**engine);
}

absl::Status VerifyBackup(const std::string& directory, uint32_t number) {
  ASSIGN_OR_RETURN(const std::unique_ptr<rocksdb::BackupEngineReadOnly> engine,
                   ReadBackups(*rocksdb::Env::Default(), directory));
  RETURN_IF_ERROR(FindBackup(BackupsOf(*engine), directory, number).status());
  return ToBackupStatus(engine->VerifyBackup(number, /*verify_with_checksum=*/true),
                        absl::StrCat("reading backup ", number, " in ", directory));
}

}  // namespace penstock::store
