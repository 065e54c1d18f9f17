// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "destinations/snowflake/http_client.h"

namespace penstock::destinations::snowflake {

// Remembers what it was asked, and answers what it was told, one answer after the other; the last one stays.
class FakeHttp final : public HttpClient {
 public:
  struct Memory {
    std::vector<absl::StatusOr<HttpReply>> replies;
    std::vector<HttpRequest> requests;
  };
  explicit FakeHttp(Memory* memory) : memory_(memory) {}

  absl::StatusOr<HttpReply> Send(const HttpRequest& request) override {
    memory_->requests.push_back(request);
    absl::StatusOr<HttpReply> reply = memory_->replies.front();
    if (memory_->replies.size() > 1) memory_->replies.erase(memory_->replies.begin());
    return reply;
  }

 private:
  Memory* const memory_;
};

}  // namespace penstock::destinations::snowflake
