// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "coordinator/state.h"

namespace penstock::coordinator {

// The coordinator's one seam to the network. Thread-safe.
class HeartbeatClient {
 public:
  virtual ~HeartbeatClient() = default;
  // One GET; blocks until its end. OK: answered with 2xx. A redirect is not followed and is an error. No error names
  // more of the URL than scheme and host.
  virtual absl::Status Call(const HeartbeatSettings& to) = 0;
  // From now on every call, those under way too, ends within about a second.
  virtual void Abort() = 0;
};

// Through libcurl: https everywhere, http only towards loopback; nothing of the answer but its status is read.
std::unique_ptr<HeartbeatClient> NewCurlHeartbeatClient(absl::Duration timeout);

}  // namespace penstock::coordinator
