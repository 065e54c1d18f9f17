// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/time/time.h"
#include "base/clock.h"

namespace penstock {

// Stands still unless told. Sleep moves it, so code under test never waits. Not thread-safe.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(absl::Time wall = absl::FromUnixSeconds(1'772'000'000)) : now_{wall, absl::Hours(1)} {}

  Moment Now() const override { return now_; }
  std::string BootId() const override { return boot_id_; }
  void Sleep(absl::Duration duration) const override { now_ = {now_.wall + duration, now_.boot + duration}; }

  void Advance(absl::Duration duration) { Sleep(duration); }
  // The wall clock alone, as an administrator or NTP would.
  void JumpWall(absl::Duration duration) { now_.wall += duration; }
  void Reboot() {
    boot_id_ += "'";
    now_.boot = absl::Seconds(20);
  }

 private:
  mutable Moment now_;
  std::string boot_id_ = "boot";
};

}  // namespace penstock
