// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <future>
#include <memory>
#include <optional>

#include "coordinator/core.h"
#include "coordinator/heartbeat.h"
#include "coordinator/heartbeat_client.h"

namespace penstock::coordinator {

// Calls the heartbeats that are due, one at a time, on a thread of its own. A failure is logged and changes nothing
// else.
class HeartbeatShell {
 public:
  HeartbeatShell(Core& core, std::unique_ptr<HeartbeatClient> client);
  // Ends a call that is under way.
  ~HeartbeatShell();

  // Takes what came of the last call and begins the next. Never waits for the network.
  void Tick();

 private:
  void TakeOutcome();

  Core& core_;
  const std::unique_ptr<HeartbeatClient> client_;
  HeartbeatBook book_;
  std::optional<Heartbeat> called_;
  std::future<absl::Status> outcome_;
};

}  // namespace penstock::coordinator
