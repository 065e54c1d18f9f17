// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/daemon.h"

#include <gtest/gtest.h>
#include <signal.h>

#include "base/clock.h"
#include "coordinator/limits.h"

namespace penstock {

void Daemon::Start() { process_ = start_(); }

void Daemon::Kill() {
  EXPECT_FALSE(process_->Wait(absl::ZeroDuration()).has_value()) << name_ << " ended by itself";
  process_->Signal(SIGKILL);
  EXPECT_EQ(process_->Wait(absl::Seconds(10)), 128 + SIGKILL) << name_;
  stopped_ = false;
  ++kills_;
}

void Daemon::Stop() {
  if (stopped_) return;
  process_->Signal(SIGSTOP);
  stopped_ = true;
  stopped_at_ = SystemClock().Now().boot;
  ++stops_;
}

void Daemon::Resume() {
  if (!stopped_) return;
  process_->Signal(SIGCONT);
  stopped_ = false;
  long_stops_ += SystemClock().Now().boot - stopped_at_ > coordinator::kLease;
}

int Daemon::Drain() {
  process_->Signal(SIGTERM);
  return process_->Wait(absl::Seconds(30)).value_or(-1);
}

}  // namespace penstock
