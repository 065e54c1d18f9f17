// SPDX-License-Identifier: Apache-2.0
#include "worker/task_slot.h"

#include <chrono>
#include <utility>

namespace penstock::worker {

void TaskSlot::Lose() {
  std::lock_guard lock(mutex_);
  lost_ = true;
  told_.notify_all();
}

void TaskSlot::Drain() {
  std::lock_guard lock(mutex_);
  draining_ = true;
  told_.notify_all();
}

bool TaskSlot::lost() const {
  std::lock_guard lock(mutex_);
  return lost_;
}

bool TaskSlot::draining() const {
  std::lock_guard lock(mutex_);
  return draining_;
}

void TaskSlot::SetTrouble(std::string trouble, bool local) {
  bool began = false;
  {
    std::lock_guard lock(mutex_);
    began = !trouble.empty() && trouble != held_.trouble();
    held_.set_trouble(std::move(trouble));
    held_.set_local_trouble(local);
  }
  if (began) on_trouble_();
}

void TaskSlot::Acknowledge(const v1::StorePosition& position) {
  std::lock_guard lock(mutex_);
  acknowledged_ = position;
}

v1::StorePosition TaskSlot::acknowledged() const {
  std::lock_guard lock(mutex_);
  return acknowledged_;
}

v1::HeldLease TaskSlot::Held() const {
  std::lock_guard lock(mutex_);
  return held_;
}

void TaskSlot::Wait(absl::Duration duration, bool although_draining) {
  std::unique_lock lock(mutex_);
  told_.wait_for(lock, absl::ToChronoMilliseconds(duration),
                 [&] { return lost_ || (draining_ && !although_draining); });
}

}  // namespace penstock::worker
