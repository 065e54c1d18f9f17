// SPDX-License-Identifier: Apache-2.0
#include "coordinator/forget_key.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/keyed_hash.h"
#include "base/log.h"
#include "base/status_macros.h"

namespace penstock::coordinator {
namespace {

std::string PathOf(const std::string& state) { return absl::StrCat(state, "/forget-key"); }

absl::Status CannotWrite(const std::string& path) {
  return absl::FailedPreconditionError(absl::StrCat("cannot write ", path, ": ", std::strerror(errno),
                                                    "; make room, or let this user write there"));
}

absl::Status Sync(const std::string& directory) {
  const int fd = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return CannotWrite(directory);
  const bool synced = fsync(fd) == 0;
  const absl::Status status = synced ? absl::OkStatus() : CannotWrite(directory);
  close(fd);
  return status;
}

}  // namespace

absl::StatusOr<ForgetKey> OpenForgetKey(const std::string& state) {
  absl::StatusOr<std::string> kept = ReadHashKeyFile(PathOf(state));
  if (kept.ok()) return ForgetKey{*std::move(kept), false};
  if (!absl::IsNotFound(kept.status())) return kept.status();
  ForgetKey key{std::string(kHashKeyBytes, '\0'), true};
  CHECK(getentropy(key.bytes.data(), key.bytes.size()) == 0);  // fails only where the kernel has no such call
  HideInLogs(absl::BytesToHexString(key.bytes));
  return key;
}

absl::Status SaveForgetKey(const std::string& state, const ForgetKey& key) {
  const std::string path = PathOf(state);
  const std::string fresh = absl::StrCat(path, ".new");
  const std::string text = absl::StrCat(absl::BytesToHexString(key.bytes), "\n");
  const int fd = open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return CannotWrite(fresh);
  const bool written =
      write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(fd) == 0;
  const absl::Status status = written ? absl::OkStatus() : CannotWrite(fresh);
  close(fd);
  RETURN_IF_ERROR(status);
  if (rename(fresh.c_str(), path.c_str()) != 0) return CannotWrite(path);
  return Sync(state);
}

}  // namespace penstock::coordinator
