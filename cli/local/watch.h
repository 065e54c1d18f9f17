// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/local/local_cluster.h"

namespace penstock::cli {

// What this process shows of its own work while it goes on: a bar on a terminal, a line every 30 s elsewhere;
// a new trouble always as a line of its own.
struct WatchOptions {
  uint64_t job = 0;  // 0: only the loads
  std::string source;
  std::optional<absl::Duration> give_up_after;
  bool quiet = false;  // troubles only
  bool grow = false;   // start as many workers as the source's latency needs
};

// How it ended. `job` and `source` are as last seen.
struct Watched {
  ExitCode code = ExitCode::kDone;
  int signal = 0;       // not 0: stopped by it
  std::string trouble;  // why it ended early; empty: it is complete
  v1::Job job;
  v1::SourceStatus source;
};

// Until the job has ended and every destination holds what the store holds, or until nothing more can happen
// without a person. A destination that cannot be reached is waited for two minutes after everything else is
// done.
absl::StatusOr<Watched> Watch(Session& session, LocalCluster& cluster, const WatchOptions& options);

}  // namespace penstock::cli
