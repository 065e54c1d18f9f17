// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <atomic>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "rocksdb/env.h"
#include "rocksdb/file_system.h"

namespace penstock::store {

// A disk in memory that loses power. Until then a write reaches only the page cache; Sync makes it durable.
// The power fails after a chosen number of writes and syncs, in the middle of whatever is going on: from then
// on every operation fails. PowerOn then leaves of each file what was synced and a random part of the rest
// (dropped or torn); a file that is written in place keeps, loses or tears what was not synced.
//
// Deliberately absent: creations and renames that are lost (the directory counts as synced), bytes that
// change after a successful sync.
class PowerLossDisk {
 public:
  PowerLossDisk()
      : memory_(rocksdb::NewMemEnv(rocksdb::Env::Default())),
        file_system_(std::make_shared<FileSystem>(*this, memory_->GetFileSystem())),
        env_(rocksdb::NewCompositeEnv(file_system_)) {}

  rocksdb::Env& env() { return *env_; }

  // The power fails at the operation after so many writes and syncs.
  void FailAfter(int operations) { left_ = operations; }
  // At once.
  void Fail() { dead_ = true; }
  bool dead() const { return dead_; }

  // Whoever had files open is gone.
  void PowerOn(Random& dice) {
    std::lock_guard lock(mutex_);
    for (auto& [name, file] : files_) {
      std::string bytes;
      if (!rocksdb::ReadFileToString(memory_.get(), name, &bytes).ok()) continue;
      std::string kept = bytes;
      if (file.in_place && file.before.has_value()) {
        const uint64_t choice = dice.Next() % 3;
        kept = choice == 0 ? bytes : *file.before;
        if (choice == 2) kept.replace(0, kept.size() / 2, bytes, 0, kept.size() / 2);
      } else if (!file.in_place && bytes.size() > file.synced) {
        kept.resize(file.synced + dice.Next() % (bytes.size() - file.synced + 1));
      }
      file.before.reset();
      file.synced = kept.size();
      if (kept == bytes) continue;
      ++torn_;
      CHECK(rocksdb::WriteStringToFile(memory_.get(), kept, name, false).ok());
    }
    left_ = std::numeric_limits<int>::max();
    dead_ = false;
  }
  // Files that lost bytes so far.
  int torn() const { return torn_; }

 private:
  struct FileState {
    uint64_t synced = 0;
    bool in_place = false;
    std::optional<std::string> before;  // its bytes before what was not synced
  };

  rocksdb::IOStatus Step() {
    if (!dead_ && left_-- <= 0) dead_ = true;
    return dead_ ? rocksdb::IOStatus::IOError("the power failed") : rocksdb::IOStatus::OK();
  }

  class File final : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    File(std::unique_ptr<rocksdb::FSWritableFile> file, std::string name, PowerLossDisk& disk)
        : FSWritableFileOwnerWrapper(std::move(file)), name_(std::move(name)), disk_(disk) {}
    using FSWritableFileOwnerWrapper::Append;
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
      rocksdb::IOStatus step = disk_.Step();
      return step.ok() ? FSWritableFileOwnerWrapper::Append(data, options, debug) : step;
    }
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             const rocksdb::DataVerificationInfo&, rocksdb::IODebugContext* debug) override {
      return Append(data, options, debug);
    }
    rocksdb::IOStatus Sync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
      rocksdb::IOStatus step = disk_.Step();
      if (!step.ok()) return step;
      std::lock_guard lock(disk_.mutex_);
      disk_.files_[name_].synced = GetFileSize(options, debug);
      return step;
    }
    rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
      return Sync(options, debug);
    }

   private:
    const std::string name_;
    PowerLossDisk& disk_;
  };

  class InPlaceFile final : public rocksdb::FSRandomRWFileOwnerWrapper {
   public:
    InPlaceFile(std::unique_ptr<rocksdb::FSRandomRWFile> file, std::string name, PowerLossDisk& disk)
        : FSRandomRWFileOwnerWrapper(std::move(file)), name_(std::move(name)), disk_(disk) {}
    rocksdb::IOStatus Write(uint64_t offset, const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                            rocksdb::IODebugContext* debug) override {
      rocksdb::IOStatus step = disk_.Step();
      if (!step.ok()) return step;
      std::lock_guard lock(disk_.mutex_);
      FileState& state = disk_.files_[name_];
      state.in_place = true;
      if (!state.before.has_value()) {
        std::string bytes;
        CHECK(rocksdb::ReadFileToString(disk_.memory_.get(), name_, &bytes).ok());
        state.before = std::move(bytes);
      }
      return FSRandomRWFileOwnerWrapper::Write(offset, data, options, debug);
    }
    rocksdb::IOStatus Sync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
      rocksdb::IOStatus step = disk_.Step();
      if (!step.ok()) return step;
      std::lock_guard lock(disk_.mutex_);
      disk_.files_[name_].before.reset();
      return step;
    }

   private:
    const std::string name_;
    PowerLossDisk& disk_;
  };

  class FileSystem final : public rocksdb::FileSystemWrapper {
   public:
    FileSystem(PowerLossDisk& disk, const std::shared_ptr<rocksdb::FileSystem>& memory)
        : FileSystemWrapper(memory), disk_(disk) {}
    const char* Name() const override { return "PowerLossDisk"; }

    rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* file,
                                      rocksdb::IODebugContext* debug) override {
      // RocksDB's log for people does not count: when it is written is not ours to decide.
      if (absl::EndsWith(name, "/LOG")) {
        return FileSystemWrapper::NewWritableFile(name, options, file, debug);
      }
      rocksdb::IOStatus step = disk_.Step();
      if (!step.ok()) return step;
      rocksdb::IOStatus made = FileSystemWrapper::NewWritableFile(name, options, file, debug);
      if (!made.ok()) return made;
      std::lock_guard lock(disk_.mutex_);
      disk_.files_[name] = FileState();
      *file = std::make_unique<File>(std::move(*file), name, disk_);
      return made;
    }
    rocksdb::IOStatus NewRandomRWFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSRandomRWFile>* file,
                                      rocksdb::IODebugContext* debug) override {
      rocksdb::IOStatus made = FileSystemWrapper::NewRandomRWFile(name, options, file, debug);
      if (made.ok()) *file = std::make_unique<InPlaceFile>(std::move(*file), name, disk_);
      return made;
    }
    rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                                 const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
      rocksdb::IOStatus step = disk_.Step();
      if (!step.ok()) return step;
      std::lock_guard lock(disk_.mutex_);
      if (const auto state = disk_.files_.find(from); state != disk_.files_.end()) {
        disk_.files_[to] = state->second;
        disk_.files_.erase(from);
      }
      return FileSystemWrapper::RenameFile(from, to, options, debug);
    }
    rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                                 rocksdb::IODebugContext* debug) override {
      rocksdb::IOStatus step = disk_.Step();
      if (!step.ok()) return step;
      std::lock_guard lock(disk_.mutex_);
      disk_.files_.erase(name);
      return FileSystemWrapper::DeleteFile(name, options, debug);
    }
    rocksdb::IOStatus GetFreeSpace(const std::string&, const rocksdb::IOOptions&, uint64_t* free,
                                   rocksdb::IODebugContext*) override {
      *free = uint64_t{1} << 40;
      return rocksdb::IOStatus::OK();
    }

   private:
    PowerLossDisk& disk_;
  };

  std::mutex mutex_;  // RocksDB's own threads write too
  std::map<std::string, FileState> files_;
  std::atomic<int> left_ = std::numeric_limits<int>::max();
  std::atomic<bool> dead_ = false;
  int torn_ = 0;
  const std::unique_ptr<rocksdb::Env> memory_;
  const std::shared_ptr<FileSystem> file_system_;
  const std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace penstock::store
