// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "coordinator/state.h"
#include "coordinator/window_decider.h"

namespace penstock::coordinator {

// Who is to be told of which complete sync.
struct Heartbeat {
  uint32_t source = 0;
  uint64_t job = 0;
  HeartbeatSettings to;
};

// Which heartbeats are due: one for the last sync of a source that ended DONE with no parked window. What was taken is
// durable with the source, so after a restart a heartbeat comes again rather than not at all. Pure.
class HeartbeatBook {
 public:
  // The next one to call; empty: none is due. Ask again after Ended.
  std::optional<Heartbeat> Due(const State& state, const Moment& now) const;

  // What came of a call. OK: the records to commit. Otherwise it is due again after a while, a few times; then the next
  // sync's is waited for.
  Records Ended(const State& state, const Heartbeat& heartbeat, const absl::Status& status,
                const Moment& now);

  // When the failed heartbeat of a source is called again; empty: it is given up.
  std::optional<absl::Duration> NextTry(const Heartbeat& heartbeat) const;

 private:
  struct Failed {
    uint64_t job = 0;
    size_t times = 0;
    absl::Duration next;  // boot clock
  };
  std::map<uint32_t, Failed> failed_;  // by source
};

// "https://hc.example.com": the path of a heartbeat's URL is a secret.
std::string WithoutPath(const std::string& url);

}  // namespace penstock::coordinator
