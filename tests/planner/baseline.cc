// SPDX-License-Identifier: Apache-2.0
#include "tests/planner/baseline.h"

#include <algorithm>

namespace penstock {
namespace {

constexpr uint64_t kPage = 500;
constexpr uint32_t kThreads = 5;

std::vector<uint64_t> Cut(const Tenant& tenant, absl::Time now, absl::Duration length) {
  std::vector<uint64_t> windows = {tenant.users()};
  for (Endpoint endpoint : kAllEndpoints) {
    if (!HasCreatedTime(endpoint)) continue;
    for (absl::Time to = now; to > now - absl::Hours(24 * 30); to -= length) {
      windows.push_back(tenant.Between(endpoint, to - length, to).records);
    }
  }
  return windows;
}

}  // namespace

std::vector<Baseline> Baselines(const Tenant& tenant, absl::Time now) {
  std::vector<uint64_t> whole;
  for (Endpoint endpoint : kAllEndpoints) whole.push_back(tenant.Records(endpoint));
  return {{"one chain per endpoint", whole, kThreads},
          {"daily windows", Cut(tenant, now, absl::Hours(24)), kThreads},
          {"hourly windows", Cut(tenant, now, absl::Hours(1)), kThreads},
          {"15-day shards, 5 threads", Cut(tenant, now, absl::Hours(24 * 15)), kThreads}};
}

BaselineCost Cost(const Baseline& way, Latency latency) {
  BaselineCost cost;
  const absl::Duration interval = (absl::Seconds(60) + latency.first_byte) / 60;
  absl::Duration next_permit;
  std::vector<absl::Duration> free_at(way.threads);
  std::vector<uint64_t> pages_left(way.threads);
  size_t next_window = 0;
  while (true) {
    // The thread that is free first sends its next page, or takes the next window.
    size_t thread = way.threads;
    for (size_t i = 0; i < way.threads; ++i) {
      if (pages_left[i] == 0 && next_window < way.windows.size()) {
        pages_left[i] = std::max<uint64_t>(1, (way.windows[next_window++] + kPage - 1) / kPage);
      }
      if (pages_left[i] > 0 && (thread == way.threads || free_at[i] < free_at[thread])) thread = i;
    }
    if (thread == way.threads) break;
    const absl::Duration sent = std::max(free_at[thread], next_permit);
    next_permit = sent + interval;
    free_at[thread] = sent + latency.first_byte + latency.body;
    --pages_left[thread];
    ++cost.requests;
    cost.makespan = std::max(cost.makespan, free_at[thread]);
  }
  return cost;
}

}  // namespace penstock
