// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/time/time.h"

namespace penstock {

// One reading of both clocks, taken at the door (an RPC, a timer) and passed down as an argument. Nothing
// below the door reads a clock.
struct Moment {
  // UTC. For people, job ranges and epochs. May jump.
  absl::Time wall;
  // Since the machine booted, suspension included. For leases, permits and every other deadline. Never jumps.
  absl::Duration boot;
};

// The seam to the machine's clocks. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Moment Now() const = 0;
  // Differs after every boot of the machine: readings of `boot` compare only under the same id.
  virtual std::string BootId() const = 0;
  // Blocks the calling thread. Only shells may call it.
  virtual void Sleep(absl::Duration duration) const = 0;
};

// CLOCK_REALTIME, CLOCK_BOOTTIME and /proc/sys/kernel/random/boot_id. Lives for the whole process.
const Clock& SystemClock();

}  // namespace penstock
