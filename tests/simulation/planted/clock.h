// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "tests/simulation/process.h"
#include "tests/simulation/world.h"

namespace penstock::simulation::planted {

// The clock as the coordinator sees it; checkers look at the real one.
class CoordinatorClock final : public Clock {
 public:
  CoordinatorClock(const World& world, const SimClock& clock)
      : world_(world), clock_(clock), first_(clock.Now()) {}

  Moment Now() const override {
    Moment now = clock_.Now();
    if (world_.bug == Bug::kDeadlinesByWallClock) now.boot = first_.boot + (now.wall - first_.wall);
    return now;
  }
  std::string BootId() const override {
    return world_.bug == Bug::kRebootUnnoticed ? "boot" : clock_.BootId();
  }
  void Sleep(absl::Duration span) const override { clock_.Sleep(span); }

 private:
  const World& world_;
  const SimClock& clock_;
  const Moment first_;
};

}  // namespace penstock::simulation::planted
