// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rocksdb/env.h"
#include "store/commit_mark.h"

namespace penstock::store {

// STATE/commit-mark on disk. It goes through RocksDB's Env so that the store has one seam to the disk, and a
// test that breaks the disk breaks the mark too.
class MarkFile {
 public:
  // Empty when there is no such file. DATA_LOSS when it cannot be read.
  static absl::StatusOr<std::optional<CommitMark>> Load(rocksdb::Env& env, const std::string& path);
  // Whole and durable under its name, or not there: written beside and renamed.
  static absl::Status Create(rocksdb::Env& env, const std::string& path, const CommitMark& mark);
  static absl::StatusOr<std::unique_ptr<MarkFile>> Open(rocksdb::Env& env, const std::string& path);

  // Durable when it returns. After an error nothing is known about the slot: do not try again.
  absl::Status Write(const CommitMark& mark);

 private:
  MarkFile(std::unique_ptr<rocksdb::RandomRWFile> file, size_t newest_slot)
      : file_(std::move(file)), newest_slot_(newest_slot) {}
  const std::unique_ptr<rocksdb::RandomRWFile> file_;
  size_t newest_slot_;
};

}  // namespace penstock::store
