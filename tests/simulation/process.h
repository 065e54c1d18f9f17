// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/status_macros.h"
#include "tests/simulation/world.h"

namespace penstock::simulation {

// A machine's clocks. Fault model: the boot clock runs up to 100 ppm fast or slow (two machines differ by 200
// at most) and starts anew at a reboot; the wall clock jumps by hours, either way.
class SimClock final : public Clock {
 public:
  SimClock(const EventQueue& queue, absl::Time wall, double rate) : queue_(queue), wall_(wall), rate_(rate) {}

  Moment Now() const override {
    return {wall_ + queue_.now() * rate_, (queue_.now() - booted_) * rate_ + kUptime};
  }
  std::string BootId() const override { return absl::StrCat("boot-", boots_); }
  void Sleep(absl::Duration) const override { CHECK(false); }  // only shells sleep, and none is here

  void JumpWall(absl::Duration jump) { wall_ += jump; }
  void Reboot() {
    ++boots_;
    booted_ = queue_.now();
  }
  // From a span on this clock to one of virtual time, never shorter.
  absl::Duration ToVirtual(absl::Duration span) const { return span / rate_ + absl::Nanoseconds(2); }

 private:
  static constexpr absl::Duration kUptime = absl::Seconds(20);
  const EventQueue& queue_;
  absl::Time wall_;  // when virtual time was zero
  const double rate_;
  absl::Duration booted_;
  int boots_ = 1;
};

// A process that can be killed and stopped. What it put on the queue happens only in the life that put it
// there; while it is stopped (SIGSTOP, a paused machine) nothing happens to it, and afterwards everything
// that waited happens at once, in its order.
class Process {
 public:
  Process(World& world, SimClock& clock) : world_(world), clock_(clock) {}

  SimClock& clock() { return clock_; }
  Moment Now() const { return clock_.Now(); }
  bool alive() const { return alive_; }
  uint64_t life() const { return life_; }

  void Begin() { alive_ = true; }
  void End() {
    alive_ = false;
    ++life_;
    stopped_until_ = absl::ZeroDuration();
  }
  void Stop(absl::Duration span) { stopped_until_ = std::max(stopped_until_, world_.queue.now() + span); }
  bool stopped() const { return stopped_until_ > world_.queue.now(); }

  void After(absl::Duration delay, EventQueue::Event event) {
    world_.queue.After(
        delay, [this, life = life_, event = std::move(event)]() mutable { Deliver(life, std::move(event)); });
  }

 private:
  void Deliver(uint64_t life, EventQueue::Event event) {
    if (life != life_ || !alive_) return;
    if (!stopped()) return event();
    world_.queue.After(stopped_until_ - world_.queue.now(),
                       [this, life, event = std::move(event)]() mutable { Deliver(life, std::move(event)); });
  }

  World& world_;
  SimClock& clock_;
  bool alive_ = false;
  uint64_t life_ = 0;
  absl::Duration stopped_until_;
};

}  // namespace penstock::simulation
