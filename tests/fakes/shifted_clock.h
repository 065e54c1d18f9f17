// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "base/clock.h"

namespace penstock {

// The machine's clock, from which a test can skip a minute that it does not want to wait for. Thread-safe.
// Whoever waits already goes on waiting: only what looks at the clock afterwards sees the later time.
class ShiftedClock final : public Clock {
 public:
  Moment Now() const override {
    const Moment now = SystemClock().Now();
    const absl::Duration shift = absl::Milliseconds(shift_ms_.load());
    return {now.wall + shift, now.boot + shift};
  }
  std::string BootId() const override { return SystemClock().BootId(); }
  void Sleep(absl::Duration duration) const override { SystemClock().Sleep(duration); }

  void Skip(absl::Duration duration) { shift_ms_ += absl::ToInt64Milliseconds(duration); }

 private:
  std::atomic<int64_t> shift_ms_ = 0;
};

}  // namespace penstock
