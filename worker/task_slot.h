// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "proto/worker_service.pb.h"

namespace penstock::worker {

// What a running task and the worker's Sync loop share: the task tells its trouble and its end, the loop
// tells it to stop. Thread-safe.
class TaskSlot {
 public:
  // `on_trouble` is called, from the task, when a new trouble began: people should not wait for the next Sync.
  TaskSlot(const v1::LeaseToken& token, std::function<void()> on_trouble)
      : token_(token), on_trouble_(std::move(on_trouble)) {
    *held_.mutable_token() = token;
  }

  const v1::LeaseToken& token() const { return token_; }

  // By the loop. `lost`: the lease has ended, nothing may be written for it any more. `drain`: the worker
  // stops.
  void Lose();
  void Drain();

  // By the task.
  bool lost() const;
  bool draining() const;
  // Empty: all is well. `local`: see HeldLease.
  void SetTrouble(std::string trouble, bool local = false);
  // How far the store is known to be durable.
  void Acknowledge(const v1::StorePosition& position);
  v1::StorePosition acknowledged() const;
  v1::HeldLease Held() const;
  // Until the time is over, the lease is lost or, unless told otherwise, the worker drains.
  void Wait(absl::Duration duration, bool although_draining = false);

 private:
  const v1::LeaseToken token_;
  const std::function<void()> on_trouble_;
  mutable std::mutex mutex_;
  std::condition_variable told_;
  bool lost_ = false;
  bool draining_ = false;
  v1::HeldLease held_;
  v1::StorePosition acknowledged_;
};

}  // namespace penstock::worker
