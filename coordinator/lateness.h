// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "absl/time/time.h"

namespace penstock::coordinator {

// How late something was, counted by bounds as Prometheus counts a histogram.
class Lateness {
 public:
  static constexpr std::array kBounds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                         0.1,   0.25,   0.5,   1.0,  2.5};  // seconds

  void Add(absl::Duration late) {
    const double seconds = absl::ToDoubleSeconds(late);
    ++counts_[static_cast<size_t>(std::lower_bound(kBounds.begin(), kBounds.end(), seconds) -
                                  kBounds.begin())];
    seconds_ += seconds;
  }
  // Of each bound those above the one before it; then those above all.
  const std::array<uint64_t, kBounds.size() + 1>& counts() const { return counts_; }
  double seconds() const { return seconds_; }  // their sum

 private:
  std::array<uint64_t, kBounds.size() + 1> counts_ = {};
  double seconds_ = 0;
};

}  // namespace penstock::coordinator
