// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace penstock {

// A port of 127.0.0.1 that leads to a unix socket, and a network between the two that can swallow what it is
// given. The connections themselves stay open: neither side learns of it, as when a cable is pulled. Or it cuts
// one at a chosen word.
class Relay {
 public:
  explicit Relay(std::string socket_path) : socket_path_(std::move(socket_path)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    CHECK(listen(listener_, 64) == 0);
    socklen_t size = sizeof address;
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    stop_ = eventfd(0, EFD_CLOEXEC);
    thread_ = std::thread([this] { Run(); });
  }
  ~Relay() {
    const uint64_t one = 1;
    CHECK(write(stop_, &one, sizeof one) == sizeof one);
    thread_.join();
    for (const Line& line : lines_) Close(line);
    close(listener_);
    close(stop_);
  }
  Relay(const Relay&) = delete;

  int port() const { return port_; }
  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }

  // From now on nothing comes through on the connections that stand; new ones are whole.
  void Swallow(bool requests, bool answers) {
    std::lock_guard lock(mutex_);
    for (Line& line : lines_) line.swallow = {requests, answers};
  }
  // The next connection that carries `request` to the server is cut there: before the server has it, or when its
  // answer would come back.
  void CutAt(const std::string& request, bool delivered) {
    std::lock_guard lock(mutex_);
    cut_at_ = request;
    delivered_ = delivered;
  }

 private:
  struct Line {
    std::array<int, 2> ends;      // the client's, the server's
    std::array<bool, 2> swallow;  // what comes from the client, from the server
    bool cut_at_answer = false;
  };

  static void Close(const Line& line) {
    for (int end : line.ends) close(end);
  }

  void Accept() {
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(client >= 0 && server >= 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    CHECK(socket_path_.size() < sizeof address.sun_path);
    std::memcpy(address.sun_path, socket_path_.data(), socket_path_.size());
    const Line line{{client, server}, {false, false}, false};
    if (connect(server, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
      lines_.push_back(line);
    } else {
      Close(line);
    }
  }

  // False when an end has gone.
  bool Forward(Line& line, size_t from) {
    char buffer[65536];
    const ssize_t size = recv(line.ends[from], buffer, sizeof buffer, 0);
    if (size <= 0) return false;
    if (from == 1 && line.cut_at_answer) return false;
    const std::string_view bytes(buffer, static_cast<size_t>(size));
    if (from == 0 && !cut_at_.empty() && bytes.find(cut_at_) != std::string_view::npos) {
      cut_at_.clear();
      if (!delivered_) return false;
      line.cut_at_answer = true;
    }
    if (line.swallow[from]) return true;
    for (ssize_t sent = 0; sent < size;) {
      const ssize_t now = send(line.ends[1 - from], buffer + sent, size - sent, MSG_NOSIGNAL);
      if (now <= 0) return false;
      sent += now;
    }
    return true;
  }

  void Run() {
    while (true) {
      std::vector<pollfd> waiting = {{stop_, POLLIN, 0}, {listener_, POLLIN, 0}};
      for (const Line& line : lines_) {  // only this thread adds and removes
        for (int end : line.ends) waiting.push_back({end, POLLIN, 0});
      }
      CHECK(poll(waiting.data(), waiting.size(), -1) > 0 || errno == EINTR);
      if (waiting[0].revents != 0) return;
      std::lock_guard lock(mutex_);
      for (size_t i = lines_.size(); i-- > 0;) {
        bool stands = true;
        for (size_t from = 0; from < 2 && stands; ++from) {
          if (waiting[2 + 2 * i + from].revents != 0) stands = Forward(lines_[i], from);
        }
        if (stands) continue;
        Close(lines_[i]);
        lines_.erase(lines_.begin() + i);
      }
      if (waiting[1].revents != 0) Accept();
    }
  }

  const std::string socket_path_;
  int listener_ = -1;
  int stop_ = -1;
  int port_ = 0;
  std::mutex mutex_;
  std::vector<Line> lines_;
  std::string cut_at_;
  bool delivered_ = false;
  std::thread thread_;
};

}  // namespace penstock
