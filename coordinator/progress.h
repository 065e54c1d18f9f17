// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "coordinator/state.h"
#include "proto/storage.pb.h"

namespace penstock::coordinator {

// How far a job is, in requests: what it spent and what it will still spend. Pure.
//
//   window done                    spent its pages; a count, one
//   window open                    as many pages as records are left of it: by the source's own count, else by
//                                  what was expected of it when it was planned; a count, one
//   endpoint without closing pass, without confirmation: one each
struct Progress {
  uint64_t spent = 0;
  uint64_t left = 0;
  bool sized = true;  // false while a window's size is a guess: no time left is given then

  double Fraction() const { return spent + left == 0 ? 1.0 : static_cast<double>(spent) / (spent + left); }
};

Progress Measure(const State& state, const storage::JobRecord& job,
                 const std::vector<const storage::WindowRecord*>& windows, absl::Time now);

}  // namespace penstock::coordinator
