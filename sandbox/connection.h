// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <httplib.h>

#include <array>
#include <string>

#include "absl/time/time.h"

namespace penstock::sandbox {

// One accepted socket as httplib's stream. httplib's own one can neither be reset on purpose nor be woken
// while it waits for the next request. Used by one thread, but for shutdown(2) on its socket. Owns the
// socket.
class Connection final : public httplib::Stream {
 public:
  explicit Connection(socket_t socket);
  ~Connection() override;

  // Whether a request begins within the time; false too when the other side has closed.
  bool WaitForRequest(absl::Duration timeout);
  // From now on nothing is sent, and the connection ends with a TCP reset.
  void Reset() { reset_ = true; }

  bool is_readable() const override;
  bool is_writable() const override;
  ssize_t read(char* to, size_t size) override;
  ssize_t write(const char* from, size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  socket_t socket() const override { return socket_; }

 private:
  bool Wait(short events, absl::Duration timeout) const;

  const socket_t socket_;
  bool reset_ = false;
  std::array<char, 4096> buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace penstock::sandbox
