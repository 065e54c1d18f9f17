// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "coordinator/state.h"

namespace penstock::coordinator {

// The pending windows to lease next, best first, at most `limit`; `served` says which sources the worker has
// credentials for. Pure. Left out: windows of jobs that are not running, of blocked sources and of blocked
// endpoints.
//
// The order: older jobs first; within a job users first (they are the look-up table of all the rest), then
// the endpoint with the fewest windows out, so that all endpoints advance, then the newest window (the guide
// asks for newest first, and a window that was begun goes on before one that was not).
std::vector<uint64_t> NextWindows(const State& state, const std::function<bool(uint32_t source)>& served,
                                  size_t limit);

// Why a pending window is not leased although a worker is free; empty: it may be leased.
std::string WhyNotLeased(const State& state, const storage::WindowRecord& window);

}  // namespace penstock::coordinator
