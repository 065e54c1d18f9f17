// SPDX-License-Identifier: Apache-2.0
#include "store/rocks_mark_file.h"

#include <utility>

#include "base/status_macros.h"
#include "store/rocks_status.h"

namespace penstock::store {
namespace {

absl::StatusOr<NewestMark> Read(rocksdb::Env& env, const std::string& path) {
  std::string bytes;
  RETURN_IF_ERROR(ToStatus(rocksdb::ReadFileToString(&env, path, &bytes), "reading the commit mark"));
  return ReadMarkFile(bytes, path);
}

}  // namespace

absl::StatusOr<std::optional<CommitMark>> MarkFile::Load(rocksdb::Env& env, const std::string& path) {
  const rocksdb::Status exists = env.FileExists(path);
  if (exists.IsNotFound()) return std::optional<CommitMark>();
  RETURN_IF_ERROR(ToStatus(exists, "looking for the commit mark"));
  ASSIGN_OR_RETURN(NewestMark newest, Read(env, path));
  return std::optional<CommitMark>(std::move(newest.mark));
}

absl::Status MarkFile::Create(rocksdb::Env& env, const std::string& path, const CommitMark& mark) {
  const std::string beside = path + ".new";
  RETURN_IF_ERROR(ToStatus(rocksdb::WriteStringToFile(&env, NewMarkFile(mark), beside, /*should_sync=*/true),
                           "writing the commit mark"));
  RETURN_IF_ERROR(ToStatus(env.RenameFile(beside, path), "naming the commit mark"));
  std::unique_ptr<rocksdb::Directory> directory;
  RETURN_IF_ERROR(
      ToStatus(env.NewDirectory(path.substr(0, path.rfind('/')), &directory), "opening the directory"));
  return ToStatus(directory->Fsync(), "syncing the directory");
}

absl::StatusOr<std::unique_ptr<MarkFile>> MarkFile::Open(rocksdb::Env& env, const std::string& path) {
  ASSIGN_OR_RETURN(const NewestMark newest, Read(env, path));
  std::unique_ptr<rocksdb::RandomRWFile> file;
  RETURN_IF_ERROR(
      ToStatus(env.NewRandomRWFile(path, &file, rocksdb::EnvOptions()), "opening the commit mark"));
  return std::unique_ptr<MarkFile>(new MarkFile(std::move(file), newest.slot));
}

absl::Status MarkFile::Write(const CommitMark& mark) {
  const size_t slot = 1 - newest_slot_;
  RETURN_IF_ERROR(
      ToStatus(file_->Write(kMarkSlotOffsets[slot], EncodeMarkSlot(mark)), "writing the commit mark"));
  RETURN_IF_ERROR(ToStatus(file_->Sync(), "syncing the commit mark"));
  newest_slot_ = slot;
  return absl::OkStatus();
}

}  // namespace penstock::store
