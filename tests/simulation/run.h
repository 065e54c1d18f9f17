// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "tests/simulation/faults.h"
#include "tests/simulation/planted_bugs.h"

namespace penstock::simulation {

struct RunOptions {
  uint64_t seed = 1;
  bool print = false;  // the trace, line by line
  Bug bug = Bug::kNone;
};

struct RunResult {
  std::string violation;  // "I12: ..."; empty: all invariants held
  uint64_t trace_hash = 0;
  FaultCounts faults = {};
  absl::Duration length;  // virtual
  uint64_t events = 0;
  uint64_t requests = 0;
  uint64_t pages = 0;
  uint64_t commits = 0;
  uint64_t crashes = 0;
  uint32_t peak = 0;  // most arrivals in any closed 60 s
  // Pages per minute of phase two as a share of what the schedule allowed; below 0.9 the run proves little.
  double pace = 1;
};

// One seed: a random cluster, a random subset of faults; first safety under faults, then liveness without.
RunResult RunSeed(const RunOptions& options);

}  // namespace penstock::simulation
