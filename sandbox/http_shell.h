// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "sandbox/http_message.h"

namespace penstock::sandbox {

// The HTTP side of a sandbox: listens, turns requests into HttpRequest, and delivers each HttpReply the way
// it asks to travel. Only this file pair and connection.* include httplib. One thread serves one connection
// at a time.
class HttpShell {
 public:
  // Called by many threads at once.
  using Handler = std::function<HttpReply(const HttpRequest&)>;

  // UNAVAILABLE: the address cannot be bound.
  static absl::StatusOr<std::unique_ptr<HttpShell>> Listen(const std::string& host, int port,
                                                           Handler handler);
  virtual ~HttpShell() = default;
  virtual int port() const = 0;
  // Ends all connections, also in the middle of an answer, and waits for the threads. Safe to repeat.
  virtual void Stop() = 0;
};

}  // namespace penstock::sandbox
