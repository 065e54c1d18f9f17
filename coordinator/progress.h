// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "proto/storage.pb.h"

namespace penstock::coordinator {

// How far a job is, in requests: what it spent and what it will still spend. Pure.
//
//   window done                 spent its pages
//   window begun                ceil((records its chain has - records committed) / 500), as the server counted them
//   window not begun            as many as its endpoint's begun windows have per time, else one
//   endpoint without closing    one
struct Progress {
  uint64_t spent = 0;
  uint64_t left = 0;
  bool sized = true;  // false while a window's size is a guess: no time left is given then

  double Fraction() const { return spent + left == 0 ? 1.0 : static_cast<double>(spent) / (spent + left); }
  absl::Duration TimeLeft(uint32_t requests_per_minute) const;
};

Progress Measure(const storage::JobRecord& job, const std::vector<const storage::WindowRecord*>& windows);

}  // namespace penstock::coordinator
