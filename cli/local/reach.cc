// SPDX-License-Identifier: Apache-2.0
#include "cli/local/reach.h"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"

namespace penstock::cli {
namespace {

constexpr int kTimeoutMs = 5000;

// 0, or the errno that says why not.
int Connect(const addrinfo& address) {
  const int fd = socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, address.ai_protocol);
  if (fd < 0) return errno;
  int error = connect(fd, address.ai_addr, address.ai_addrlen) == 0 ? 0 : errno;
  if (error == EINPROGRESS) {
    pollfd wait{fd, POLLOUT, 0};
    error = ETIMEDOUT;
    if (poll(&wait, 1, kTimeoutMs) == 1) {
      socklen_t size = sizeof(error);
      getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    }
  }
  close(fd);
  return error;
}

}  // namespace

absl::Status Reach(const HostPort& address) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failure = getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
  if (failure != 0) {
    return absl::UnavailableError(absl::StrCat("cannot resolve ", address.host, " (", gai_strerror(failure),
                                               "); is the name right, is there DNS?"));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, freeaddrinfo);
  int error = 0;
  for (const addrinfo* next = found; next != nullptr; next = next->ai_next) {
    error = Connect(*next);
    if (error == 0) return absl::OkStatus();
  }
  return absl::UnavailableError(absl::StrCat("cannot connect to ", address.host, ":", address.port, " (",
                                             std::strerror(error),
                                             "); is a proxy or a firewall in between?"));
}

}  // namespace penstock::cli
