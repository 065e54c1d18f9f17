// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace penstock::store {

// The state directory belongs to one process at a time. Held by an flock, which ends with the process however
// it ends; the file's text only names the holder: "pid 4711 on host-a".
class DirectoryLock {
 public:
  // Takes DIRECTORY/LOCK, creating the file. Errors: FAILED_PRECONDITION naming the holder;
  // PERMISSION_DENIED.
  static absl::StatusOr<DirectoryLock> Take(const std::string& directory);
  // The same for a directory that is `what` ("the backups in"), with what to do when somebody holds it.
  static absl::StatusOr<DirectoryLock> Take(const std::string& directory, absl::string_view what,
                                            absl::string_view next_step);

  DirectoryLock(DirectoryLock&& other) noexcept;
  DirectoryLock& operator=(DirectoryLock&&) = delete;
  ~DirectoryLock();

 private:
  explicit DirectoryLock(int fd) : fd_(fd) {}
  int fd_;  // -1 when moved from
};

// Makes sure that `directory` is a state directory or may become one: absent (then it is made, mode 0700),
// empty, or holding one of our files. Errors: FAILED_PRECONDITION for a directory with foreign files, named, and for
// one into which a backup was restored in part; PERMISSION_DENIED.
absl::Status PrepareStateDirectory(const std::string& directory);

// Where RestoreBackup builds a store, within the state directory that is to have it. It goes when that is done.
inline constexpr char kRestoring[] = "restoring";

}  // namespace penstock::store
