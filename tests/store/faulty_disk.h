// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "rocksdb/env.h"
#include "rocksdb/file_system.h"

namespace penstock::store {

// A disk that fails on demand, under the real file system. Faults, each for files whose name ends in a
// suffix:
//
//   append   half of the bytes are written, then the error comes: as a full or dying disk does it
//   sync     nothing is known about the bytes afterwards; here they stay
//   space    what GetFreeSpace answers
//
// Deliberately absent: bytes that change after a successful sync; the damage test does that to closed files.
class FaultyDisk {
 public:
  FaultyDisk()
      : file_system_(std::make_shared<FileSystem>(*this)), env_(rocksdb::NewCompositeEnv(file_system_)) {}

  rocksdb::Env& env() { return *env_; }

  void FailAppends(std::string suffix, rocksdb::IOStatus error) {
    Set(append_, std::move(suffix), std::move(error));
  }
  void FailSyncs(std::string suffix, rocksdb::IOStatus error) {
    Set(sync_, std::move(suffix), std::move(error));
  }
  void SetFreeSpace(std::optional<uint64_t> bytes) {
    std::lock_guard lock(mutex_);
    free_space_ = bytes;
  }
  void Heal() {
    std::lock_guard lock(mutex_);
    append_ = sync_ = Fault();
    free_space_.reset();
  }
  int failures() const { return failures_; }

  static rocksdb::IOStatus Full() { return rocksdb::IOStatus::NoSpace("No space left on device"); }
  static rocksdb::IOStatus Broken() { return rocksdb::IOStatus::IOError("Input/output error"); }

 private:
  struct Fault {
    std::string suffix;
    rocksdb::IOStatus error;
  };

  void Set(Fault& fault, std::string suffix, rocksdb::IOStatus error) {
    std::lock_guard lock(mutex_);
    fault = Fault{std::move(suffix), std::move(error)};
  }
  rocksdb::IOStatus Check(const Fault& fault, const std::string& name) {
    std::lock_guard lock(mutex_);
    if (fault.error.ok() || !absl::EndsWith(name, fault.suffix)) return rocksdb::IOStatus::OK();
    ++failures_;
    return fault.error;
  }

  class File final : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    File(std::unique_ptr<rocksdb::FSWritableFile> file, std::string name, FaultyDisk& disk)
        : FSWritableFileOwnerWrapper(std::move(file)), name_(std::move(name)), disk_(disk) {}

    using FSWritableFileOwnerWrapper::Append;
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
      rocksdb::IOStatus fault = disk_.Check(disk_.append_, name_);
      if (fault.ok()) return FSWritableFileOwnerWrapper::Append(data, options, debug);
      FSWritableFileOwnerWrapper::Append({data.data(), data.size() / 2}, options, debug)
          .PermitUncheckedError();
      return fault;
    }
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             const rocksdb::DataVerificationInfo&, rocksdb::IODebugContext* debug) override {
      return Append(data, options, debug);
    }
    rocksdb::IOStatus Sync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
      rocksdb::IOStatus fault = disk_.Check(disk_.sync_, name_);
      return fault.ok() ? FSWritableFileOwnerWrapper::Sync(options, debug) : fault;
    }
    rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
      rocksdb::IOStatus fault = disk_.Check(disk_.sync_, name_);
      return fault.ok() ? FSWritableFileOwnerWrapper::Fsync(options, debug) : fault;
    }

   private:
    const std::string name_;
    FaultyDisk& disk_;
  };

  class RandomFile final : public rocksdb::FSRandomRWFileOwnerWrapper {
   public:
    RandomFile(std::unique_ptr<rocksdb::FSRandomRWFile> file, std::string name, FaultyDisk& disk)
        : FSRandomRWFileOwnerWrapper(std::move(file)), name_(std::move(name)), disk_(disk) {}
    rocksdb::IOStatus Write(uint64_t offset, const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                            rocksdb::IODebugContext* debug) override {
      rocksdb::IOStatus fault = disk_.Check(disk_.append_, name_);
      return fault.ok() ? FSRandomRWFileOwnerWrapper::Write(offset, data, options, debug) : fault;
    }
    rocksdb::IOStatus Sync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
      rocksdb::IOStatus fault = disk_.Check(disk_.sync_, name_);
      return fault.ok() ? FSRandomRWFileOwnerWrapper::Sync(options, debug) : fault;
    }

   private:
    const std::string name_;
    FaultyDisk& disk_;
  };

  class FileSystem final : public rocksdb::FileSystemWrapper {
   public:
    explicit FileSystem(FaultyDisk& disk) : FileSystemWrapper(rocksdb::FileSystem::Default()), disk_(disk) {}
    const char* Name() const override { return "FaultyDisk"; }

    rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* file,
                                      rocksdb::IODebugContext* debug) override {
      rocksdb::IOStatus made = FileSystemWrapper::NewWritableFile(name, options, file, debug);
      if (made.ok()) *file = std::make_unique<File>(std::move(*file), name, disk_);
      return made;
    }
    rocksdb::IOStatus NewRandomRWFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSRandomRWFile>* file,
                                      rocksdb::IODebugContext* debug) override {
      rocksdb::IOStatus made = FileSystemWrapper::NewRandomRWFile(name, options, file, debug);
      if (made.ok()) *file = std::make_unique<RandomFile>(std::move(*file), name, disk_);
      return made;
    }
    rocksdb::IOStatus GetFreeSpace(const std::string& path, const rocksdb::IOOptions& options, uint64_t* free,
                                   rocksdb::IODebugContext* debug) override {
      std::lock_guard lock(disk_.mutex_);
      if (!disk_.free_space_) return FileSystemWrapper::GetFreeSpace(path, options, free, debug);
      *free = *disk_.free_space_;
      return rocksdb::IOStatus::OK();
    }

   private:
    FaultyDisk& disk_;
  };

  std::mutex mutex_;  // guards the faults: RocksDB's own threads meet them too
  Fault append_, sync_;
  std::optional<uint64_t> free_space_;
  std::atomic<int> failures_ = 0;
  const std::shared_ptr<FileSystem> file_system_;
  const std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace penstock::store
