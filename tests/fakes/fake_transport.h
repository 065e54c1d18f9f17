// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "worker/http_transport.h"

namespace penstock {

// A network that is a function. Remembers what was sent. Thread-safe; the function is called by one thread at
// a time.
//   FakeTransport network([&](const worker::HttpRequest& request) {
//     return FakeTransport::Answer(200, page);
//   });
class FakeTransport final : public worker::HttpTransport {
 public:
  using Handler = std::function<worker::HttpResult(const worker::HttpRequest&)>;

  explicit FakeTransport(Handler handler) : handler_(std::move(handler)) {}

  worker::HttpResult Send(const worker::HttpRequest& request) override {
    std::lock_guard lock(mutex_);
    requests_.push_back(request);
    return handler_(request);
  }

  void Abort() override {}

  std::vector<worker::HttpRequest> requests() const {
    std::lock_guard lock(mutex_);
    return requests_;
  }

  // A whole answer. Header names are written in lower case.
  static worker::HttpResult Answer(int status, std::string body,
                                   std::map<std::string, std::string> headers = {}) {
    worker::HttpResult result;
    result.fate = v1::ANSWERED;
    result.response = {status, std::move(headers), std::move(body)};
    return result;
  }
  // An answer that broke off in its body: status line and headers are there.
  static worker::HttpResult CutAnswer(int status, std::map<std::string, std::string> headers = {}) {
    worker::HttpResult result = Answer(status, "", std::move(headers));
    result.status = absl::UnavailableError("the answer was cut");
    return result;
  }
  // Sent, and no byte came back.
  static worker::HttpResult Silence() {
    worker::HttpResult result;
    result.status = absl::UnavailableError("no answer came");
    result.fate = v1::UNANSWERED;
    return result;
  }
  // The connection never stood.
  static worker::HttpResult NeverSent(absl::Status why = absl::UnavailableError("cannot connect")) {
    worker::HttpResult result;
    result.status = std::move(why);
    result.fate = v1::NEVER_SENT;
    return result;
  }

 private:
  mutable std::mutex mutex_;
  const Handler handler_;
  std::vector<worker::HttpRequest> requests_;
};

}  // namespace penstock
