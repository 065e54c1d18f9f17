// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "absl/time/time.h"
#include "base/clock.h"

namespace penstock {

// Looks at `condition` every 10 ms until it holds; false when `limit` is over. For what can only be asked (a
// server's status, a file) and never tells; whatever tells is waited for with what it tells. The one place
// where tests sleep.
inline bool Await(const std::function<bool()>& condition, absl::Duration limit = absl::Seconds(60)) {
  const Clock& clock = SystemClock();
  const absl::Duration end = clock.Now().boot + limit;
  while (!condition()) {
    if (clock.Now().boot >= end) return false;
    clock.Sleep(absl::Milliseconds(10));
  }
  return true;
}

}  // namespace penstock
