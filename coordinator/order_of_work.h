// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "coordinator/state.h"

namespace penstock::coordinator {

// What is worked on first; smaller is earlier.
enum class WorkClass {
  kDeadline = 1,  // the source forgets its records before their turn would come
  kSync = 2,
  kBackfill = 3,
  kForgotten = 4,  // older than the source keeps records: most likely empty
};
WorkClass ClassOf(const State& state, const storage::WindowRecord& window, absl::Time now);

// How soon a window's turn is; smaller is earlier: by class, then by the priority that a person gave its job.
struct Urgency {
  WorkClass work = WorkClass::kBackfill;
  int32_t behind = 0;  // the job's priority, negated

  friend auto operator<=>(const Urgency&, const Urgency&) = default;
};
Urgency UrgencyOf(const State& state, const storage::WindowRecord& window, absl::Time now);

// The pending windows to lease next, best first, at most `limit`; `served` says which sources the worker has
// credentials for. Pure. Left out: windows of jobs that are not running, of blocked sources and of blocked
// endpoints.
//
// The order: by urgency; counts before pages (what they answer is planned with); then fair: the job with the
// fewest windows out; within a job users first (they are the look-up table of all the rest), a window that was
// begun before one that was not, the endpoint with the fewest windows out, the newest window (the guide asks
// for newest first).
std::vector<uint64_t> NextWindows(const State& state, const std::function<bool(uint32_t source)>& served,
                                  size_t limit, absl::Time now);

// How many windows of the source are out, and how many more could be leased; the most urgent of these.
struct OpenWork {
  uint32_t leased = 0;
  uint32_t pending = 0;
  std::optional<Urgency> most_urgent;
  double records_left = 0;

  bool IsAny() const { return leased + pending > 0; }
};
OpenWork OpenWorkOf(const State& state, uint32_t source, absl::Time now);

// Why a pending window is not leased although a worker is free; empty: it may be leased.
std::string WhyNotLeased(const State& state, const storage::WindowRecord& window);

}  // namespace penstock::coordinator
