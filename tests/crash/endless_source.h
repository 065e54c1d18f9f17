// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/random.h"
#include "worker/http_transport.h"

namespace penstock {

// A source that makes its pages up and is never read to its end: every page has new versions of the rows of
// its chain, some repeated ones, and mostly a next link. So a worker always has something to commit.
// Thread-safe.
class EndlessSource final : public worker::HttpTransport {
 public:
  EndlessSource(std::string base_url, uint64_t seed) : base_url_(std::move(base_url)), random_(seed) {}

  worker::HttpResult Send(const worker::HttpRequest& request) override;
  void Abort() override;

  // Pages as large as the API's, until told otherwise.
  void SetLargePages(bool large) { large_ = large; }

 private:
  struct Chain {
    std::string prefix;               // of its ids
    std::vector<std::string> newest;  // by row: its record as last served; empty: never
  };
  std::string Page(Chain& chain, const std::string& name);
  std::string NewVersion(const std::string& id);

  const std::string base_url_;
  std::mutex mutex_;
  std::condition_variable told_;
  bool aborted_ = false;
  std::atomic<bool> large_ = false;
  SeededRandom random_;
  absl::Time stamp_ = absl::UnixEpoch();  // the last one: grows with each version of any row
  uint64_t links_ = 0;
  std::map<std::string, Chain> chains_;  // by the name that their links carry
};

}  // namespace penstock
