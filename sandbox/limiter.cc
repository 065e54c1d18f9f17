// SPDX-License-Identifier: Apache-2.0
#include "sandbox/limiter.h"

#include <algorithm>

namespace penstock::sandbox {
namespace {

constexpr absl::Duration kWindow = absl::Seconds(60);

void DropOlder(std::deque<absl::Duration>& times, absl::Duration oldest) {
  while (!times.empty() && times.front() < oldest) times.pop_front();
}

}  // namespace

SlidingLimiter::Verdict SlidingLimiter::Arrive(absl::Duration now) {
  // Requests are stamped by many threads; one that was stamped earlier but comes later counts as
  // simultaneous.
  if (!arrived_.empty()) now = std::max(now, arrived_.back());
  DropOlder(arrived_, now - kWindow);
  DropOlder(admitted_, now - kWindow);
  arrived_.push_back(now);
  peak_ = std::max(peak_, static_cast<uint32_t>(arrived_.size()));
  if (per_minute_ == 0) return {};
  if (admitted_.size() < per_minute_) {
    admitted_.push_back(now);
    return {};
  }
  // Exactly 60 s later the oldest still counts, hence the nanosecond.
  return {false, admitted_.front() + kWindow - now + absl::Nanoseconds(1)};
}

}  // namespace penstock::sandbox
