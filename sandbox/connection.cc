// SPDX-License-Identifier: Apache-2.0
#include "sandbox/connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace penstock::sandbox {
namespace {

constexpr absl::Duration kReadTimeout = absl::Seconds(10);
// A client that stops reading is given up after this.
constexpr absl::Duration kWriteTimeout = absl::Seconds(60);

void Describe(const sockaddr_storage& address, std::string& ip, int& port) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    inet_ntop(AF_INET, &v4.sin_addr, text, sizeof(text));
    port = ntohs(v4.sin_port);
  } else if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof(text));
    port = ntohs(v6.sin6_port);
  }
  ip = text;
}

}  // namespace

Connection::Connection(socket_t socket) : socket_(socket) {
  const int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

Connection::~Connection() {
  if (reset_) {
    const linger at_once = {1, 0};
    setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  } else {
    shutdown(socket_, SHUT_RDWR);
  }
  close(socket_);
}

bool Connection::Wait(short events, absl::Duration timeout) const {
  pollfd entry = {socket_, events, 0};
  int ready = 0;
  do {
    ready = poll(&entry, 1, static_cast<int>(absl::ToInt64Milliseconds(timeout)));
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

bool Connection::WaitForRequest(absl::Duration timeout) {
  if (begin_ < end_) return true;
  if (!Wait(POLLIN, timeout)) return false;
  const ssize_t count = recv(socket_, buffer_.data(), buffer_.size(), 0);
  if (count <= 0) return false;
  begin_ = 0;
  end_ = count;
  return true;
}

bool Connection::is_readable() const { return begin_ < end_ || Wait(POLLIN, kReadTimeout); }

bool Connection::is_writable() const { return !reset_ && Wait(POLLOUT, kWriteTimeout); }

ssize_t Connection::read(char* to, size_t size) {
  if (begin_ == end_ && !WaitForRequest(kReadTimeout)) return -1;
  const size_t count = std::min(size, end_ - begin_);
  std::memcpy(to, buffer_.data() + begin_, count);
  begin_ += count;
  return static_cast<ssize_t>(count);
}

ssize_t Connection::write(const char* from, size_t size) {
  if (reset_) return -1;
  while (true) {
    const ssize_t count = send(socket_, from, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count >= 0) return count;
    if (errno != EINTR && errno != EAGAIN) return -1;
    if (errno == EAGAIN && !Wait(POLLOUT, kWriteTimeout)) return -1;
  }
}

void Connection::get_remote_ip_and_port(std::string& ip, int& port) const {
  sockaddr_storage address = {};
  socklen_t length = sizeof(address);
  if (getpeername(socket_, reinterpret_cast<sockaddr*>(&address), &length) == 0) Describe(address, ip, port);
}

void Connection::get_local_ip_and_port(std::string& ip, int& port) const {
  sockaddr_storage address = {};
  socklen_t length = sizeof(address);
  if (getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length) == 0) Describe(address, ip, port);
}

}  // namespace penstock::sandbox
