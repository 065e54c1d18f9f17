// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <future>
#include <optional>

#include "absl/status/status.h"
#include "coordinator/core.h"
#include "coordinator/erase_sweep.h"

namespace penstock::coordinator {

// Does what is due for erasures, one at a time, on a thread of its own. What fails is logged, told to whoever asks
// (Core::erasure_trouble), and tried again.
class Eraser {
 public:
  explicit Eraser(Core& core) : core_(core) {}
  // Ends what is under way; the next start goes on with it.
  ~Eraser();

  // Takes what came of the last work and begins the next. Never waits for it.
  void Tick();

 private:
  void TakeOutcome();

  Core& core_;
  std::atomic<bool> stop_ = false;
  std::optional<ErasureWork> under_way_;
  std::future<absl::Status> outcome_;
  absl::Duration next_try_ = -absl::InfiniteDuration();  // boot clock
};

}  // namespace penstock::coordinator
