// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "absl/time/time.h"

namespace penstock {

// For log lines that somebody outside can cause as often as they like: the same one at most once a minute, and never
// more than so many different ones. Thread-safe.
//
//   if (limit.Allows(absl::StrCat(name, " ", method), clock.Now().boot)) Log(...);
class LogLimit {
 public:
  bool Allows(const std::string& line, absl::Duration now) {
    std::lock_guard lock(mutex_);
    std::erase_if(logged_, [&](const auto& entry) { return entry.second <= now - kEvery; });
    return logged_.size() < kMost && logged_.emplace(line, now).second;
  }

 private:
  static constexpr absl::Duration kEvery = absl::Minutes(1);
  static constexpr size_t kMost = 100;

  std::mutex mutex_;
  std::map<std::string, absl::Duration> logged_;
};

}  // namespace penstock
