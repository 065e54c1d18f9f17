// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

#include <time.h>

#include <fstream>

#include "absl/time/clock.h"

namespace penstock {
namespace {

absl::Duration Read(clockid_t id) {
  timespec now{};
  clock_gettime(id, &now);
  return absl::DurationFromTimespec(now);
}

class MachineClock final : public Clock {
 public:
  MachineClock() {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::getline(file, boot_id_);
    // Without an id no reading of an earlier process may be trusted, so the id must then differ each time.
    if (boot_id_.empty()) boot_id_ = absl::FormatTime(absl::RFC3339_full, absl::Now(), absl::UTCTimeZone());
  }
  Moment Now() const override { return {absl::UnixEpoch() + Read(CLOCK_REALTIME), Read(CLOCK_BOOTTIME)}; }
  std::string BootId() const override { return boot_id_; }
  void Sleep(absl::Duration duration) const override { absl::SleepFor(duration); }

 private:
  std::string boot_id_;
};

}  // namespace

const Clock& SystemClock() {
  static const MachineClock* const clock = new MachineClock;
  return *clock;
}

}  // namespace penstock
