// SPDX-License-Identifier: Apache-2.0
#include "store/directory_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace penstock::store {
namespace {

absl::Status DiskError(int error, absl::string_view what, absl::string_view path) {
  const std::string message = absl::StrCat("cannot ", what, " ", path, ": ", std::strerror(error));
  if (error == EACCES || error == EPERM || error == EROFS) {
    return absl::PermissionDeniedError(
        absl::StrCat(message, "; give this user the right to write there or choose another --state"));
  }
  if (error == ENOSPC || error == EDQUOT)
    return absl::ResourceExhaustedError(absl::StrCat(message, "; make room"));
  return absl::FailedPreconditionError(absl::StrCat(message, "; choose another --state"));
}

std::string Holder(int fd) {
  char text[256];
  const ssize_t size = ::pread(fd, text, sizeof(text), 0);
  if (size <= 0) return "another process";
  return std::string(absl::StripAsciiWhitespace(absl::string_view(text, static_cast<size_t>(size))));
}

absl::Status NameHolder(int fd, const std::string& path) {
  char host[256] = "unknown host";
  if (::gethostname(host, sizeof(host) - 1) != 0) std::strcpy(host, "unknown host");
  const std::string text = absl::StrCat("pid ", ::getpid(), " on ", host, "\n");
  if (::ftruncate(fd, 0) != 0 ||
      ::pwrite(fd, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
    return DiskError(errno, "write", path);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<DirectoryLock> DirectoryLock::Take(const std::string& directory) {
  return Take(directory, "the state directory", "stop that process or choose another --state");
}

absl::StatusOr<DirectoryLock> DirectoryLock::Take(const std::string& directory, absl::string_view what,
                                                  absl::string_view next_step) {
  const std::string path = directory + "/LOCK";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return DiskError(errno, "open", path);
  DirectoryLock lock(fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return DiskError(errno, "lock", path);
    return absl::FailedPreconditionError(
        absl::StrCat(what, " ", directory, " is in use by ", Holder(fd), "; ", next_step));
  }
  if (absl::Status named = NameHolder(fd, path); !named.ok()) return named;
  return lock;
}

DirectoryLock::DirectoryLock(DirectoryLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

DirectoryLock::~DirectoryLock() {
  // Closing ends the flock. The file stays: removing it would let two processes lock two files of one name.
  if (fd_ >= 0) ::close(fd_);
}

absl::Status PrepareStateDirectory(const std::string& directory) {
  std::error_code error;
  const std::filesystem::path path(directory);
  const auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    error.clear();  // that it is not there is no error
    if (!path.parent_path().empty()) std::filesystem::create_directories(path.parent_path(), error);
    if (error) return DiskError(error.value(), "create", path.parent_path().string());
    if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
      return DiskError(errno, "create", directory);
    return absl::OkStatus();
  }
  if (error) return DiskError(error.value(), "read", directory);
  if (status.type() != std::filesystem::file_type::directory) return DiskError(ENOTDIR, "use", directory);
  if (std::filesystem::exists(path / kRestoring, error) && !std::filesystem::exists(path / "db", error)) {
    return absl::FailedPreconditionError(absl::StrCat("a backup was restored into ", directory,
                                                      " only in part; run `penstock restore` again"));
  }
  std::string foreign;
  std::filesystem::directory_iterator entries(path, error), end;
  for (; !error && entries != end; entries.increment(error)) {
    const std::string name = entries->path().filename().string();
    if (name == "LOCK" || name == "commit-mark" || name == "db" || name == "forget-key")
      return absl::OkStatus();
    if (name != "lost+found") foreign = name;  // a fresh volume has one
  }
  if (error) return DiskError(error.value(), "read", directory);
  if (foreign.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(directory,
                                                    " is not a penstock state directory: it holds '", foreign,
                                                    "'; choose an empty or a new directory for --state"));
}

}  // namespace penstock::store
