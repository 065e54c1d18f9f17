// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "tests/planner/tenant.h"
#include "tests/planner/virtual_run.h"

namespace penstock {

// Another way to cut the same work: fixed windows, read in turn by so many threads.
struct Baseline {
  const char* name;
  std::vector<uint64_t> windows;  // records of each, in order
  uint32_t threads;
};

// One chain per endpoint (the vendor's way), daily and hourly windows over the 30 days, 15-day shards with
// five threads.
std::vector<Baseline> Baselines(const Tenant& tenant, absl::Time now);

struct BaselineCost {
  uint64_t requests = 0;
  absl::Duration makespan;
};
// With a limiter as good as ours.
BaselineCost Cost(const Baseline& way, Latency latency);

}  // namespace penstock
