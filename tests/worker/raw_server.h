// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/status_macros.h"

namespace penstock {

// One accepted connection, for servers that misbehave below HTTP.
class RawConnection {
 public:
  explicit RawConnection(int fd) : fd_(fd) {}
  ~RawConnection() { close(fd_); }
  RawConnection(const RawConnection&) = delete;

  // One request with its body; empty when the client closed the connection.
  std::string ReadRequest() {
    std::string request;
    while (true) {
      const size_t end = request.find("\r\n\r\n");
      if (end != std::string::npos && request.size() >= end + 4 + BodyLength(request)) return request;
      char buffer[4096];
      const ssize_t size = recv(fd_, buffer, sizeof buffer, 0);
      if (size <= 0) return "";
      request.append(buffer, static_cast<size_t>(size));
    }
  }
  // Waits until the client closes.
  void WaitForClose() {
    char byte;
    while (recv(fd_, &byte, 1, 0) > 0) {
    }
  }
  // The same for a while: whether the client closed, or said something.
  bool ClosesWithin(absl::Duration while_waiting) {
    pollfd waiting{fd_, POLLIN, 0};
    return poll(&waiting, 1, static_cast<int>(absl::ToInt64Milliseconds(while_waiting))) > 0;
  }
  void Write(const std::string& bytes) { send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }
  // A whole answer.
  void Answer(int status, const std::string& body, const std::string& headers = "") {
    Write(absl::StrCat("HTTP/1.1 ", status, " X\r\n", headers, "Content-Length: ", body.size(), "\r\n\r\n",
                       body));
  }
  // The connection will end with a reset instead of a goodbye.
  void Reset() {
    const linger now{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }

 private:
  static size_t BodyLength(const std::string& request) {
    const std::string lower = absl::AsciiStrToLower(request);
    const size_t at = lower.find("\r\ncontent-length: ");
    size_t length = 0;
    if (at != std::string::npos) length = std::stoul(lower.substr(at + 18));
    return length;
  }

  const int fd_;
};

// Listens on a port of its own choice of 127.0.0.1 and runs `script` on each connection, one after the other.
class RawServer {
 public:
  using Script = std::function<void(RawConnection&)>;

  explicit RawServer(Script script) : script_(std::move(script)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    CHECK(listen(listener_, 16) == 0);
    socklen_t size = sizeof address;
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Run(); });
  }
  ~RawServer() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }

  int port() const { return port_; }
  std::string Url(const std::string& path = "/export/v1/records/users?$orderby=id%20desc") const {
    return absl::StrCat("http://127.0.0.1:", port_, path);
  }
  int connections() const { return connections_; }

 private:
  void Run() {
    while (true) {
      const int fd = accept(listener_, nullptr, nullptr);
      if (fd < 0) return;
      ++connections_;
      RawConnection connection(fd);
      script_(connection);
    }
  }

  const Script script_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> connections_ = 0;
  std::thread thread_;
};

}  // namespace penstock
