// SPDX-License-Identifier: Apache-2.0
#include "base/secret_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/hash/hash.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/log.h"

namespace penstock {
namespace {

constexpr size_t kMaxBytes = 64 * 1024;

absl::Status CannotOpen(const std::string& path) {
  const std::string message = absl::StrCat("secret file ", path, ": ", std::strerror(errno));
  if (errno == ENOENT) return absl::NotFoundError(absl::StrCat(message, "; create it, or name another file"));
  return absl::PermissionDeniedError(absl::StrCat(message, "; let the user of this process read it"));
}

}  // namespace

absl::StatusOr<std::string> ReadSecretFile(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return CannotOpen(path);
  struct stat info {};
  fstat(fd, &info);
  std::string text(kMaxBytes + 1, '\0');
  const ssize_t size = read(fd, text.data(), text.size());
  close(fd);
  if (size < 0) return CannotOpen(path);
  if ((info.st_mode & 0027) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("secret file ", path, " may be read or written by others; chmod 0600 ", path));
  }
  text.resize(static_cast<size_t>(size));
  if (text.size() > kMaxBytes) {
    return absl::FailedPreconditionError(absl::StrCat("secret file ", path, " is longer than 64 KiB"));
  }
  std::string secret(absl::StripAsciiWhitespace(text));
  std::fill(text.begin(), text.end(), '\0');
  if (secret.empty()) {
    return absl::FailedPreconditionError(absl::StrCat("secret file ", path, " is empty"));
  }
  for (char c : secret) {
    if (absl::ascii_iscntrl(c) && c != '\n' && c != '\r') {
      return absl::FailedPreconditionError(
          absl::StrCat("secret file ", path, " holds a control character; is it a text file?"));
    }
  }
  HideInLogs(secret);
  return secret;
}

uint64_t SecretFileVersion(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return 0;
  return absl::HashOf(info.st_ino, info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec) | 1;
}

}  // namespace penstock
