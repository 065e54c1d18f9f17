// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <future>

#include "absl/status/statusor.h"
#include "coordinator/core.h"

namespace penstock::coordinator {

// Checks the store when somebody asked (Core::store_check), on a thread of its own.
class CheckShell {
 public:
  explicit CheckShell(Core& core) : core_(core) {}
  // A check that is under way is given up.
  ~CheckShell();

  // Takes what came of a check and begins one that was asked for. Never waits for it.
  void Tick();

 private:
  Core& core_;
  std::atomic<bool> stop_ = false;
  std::future<absl::StatusOr<store::StoreCheck>> found_;  // valid while one is under way
};

// What was found, or why it was not checked to the end.
void PutFound(const absl::StatusOr<store::StoreCheck>& found, v1::StoreCheck& view);

}  // namespace penstock::coordinator
