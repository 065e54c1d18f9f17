// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>

#include "absl/time/time.h"

namespace penstock::sandbox {

// The strictest reading of "around 60 requests per minute": of the requests that were let in, at most N may
// lie in any closed span of 60 s, both ends included. Refused ones do not count against the limit, or a
// client that hammers would never get in again; they do count in `peak`, because the client did send them.
// Pure: the time comes in, and never goes back. Not thread-safe.
class SlidingLimiter {
 public:
  // 0: no limit; arrivals are still measured.
  explicit SlidingLimiter(uint32_t per_minute) : per_minute_(per_minute) {}

  struct Verdict {
    bool admitted = true;
    absl::Duration retry_after;  // when refused: the next request can be let in after this, above zero
  };
  Verdict Arrive(absl::Duration now);

  // The largest number of arrivals, admitted or not, in any closed span of 60 s so far.
  uint32_t peak() const { return peak_; }

 private:
  const uint32_t per_minute_;
  std::deque<absl::Duration> admitted_;
  std::deque<absl::Duration> arrived_;
  uint32_t peak_ = 0;
};

}  // namespace penstock::sandbox
