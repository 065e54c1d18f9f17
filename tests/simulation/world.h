// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "base/random.h"
#include "tests/simulation/checker.h"
#include "tests/simulation/event_queue.h"
#include "tests/simulation/faults.h"
#include "tests/simulation/planted_bugs.h"
#include "tests/simulation/trace.h"

namespace penstock::simulation {

// What everybody in a run shares: time, chance, faults, the trace, who watches, and the verdict.
struct World {
  World(uint64_t seed, bool print) : dice(seed), trace(print) {}

  EventQueue queue;
  SeededRandom dice;
  Trace trace;
  FaultPlan faults;
  Bug bug = Bug::kNone;
  std::vector<std::unique_ptr<Checker>> checkers;
  std::string violation;  // empty: none so far

  // Counters for people.
  uint64_t requests = 0;
  uint64_t commits = 0;
  uint64_t pages = 0;
  uint64_t crashes = 0;
  uint64_t refused_by_limiter = 0;

  bool Strikes(Fault fault) {
    if (!faults.Strikes(fault, dice)) return false;
    Note("fault", FaultName(fault));
    return true;
  }
  template <typename... Parts>
  void Note(absl::string_view what, const Parts&... parts) {
    trace.Note(queue.now(), what, parts...);
  }
  template <typename Told>
  void Tell(Told told) {
    for (const std::unique_ptr<Checker>& checker : checkers) told(*checker);
  }
  void Violate(const std::string& invariant, const std::string& what) {
    if (violation.empty()) violation = invariant + ": " + what;
  }

  absl::Duration Uniform(absl::Duration least, absl::Duration most) {
    return least + (most - least) * dice.Fraction();
  }
  // Half below `median`, a long tail above, never more than `most`.
  absl::Duration LogNormal(absl::Duration median, double sigma, absl::Duration most) {
    const double u1 = 1.0 - dice.Fraction();
    const double normal = std::sqrt(-2.0 * std::log(u1)) * std::cos(6.283185307179586 * dice.Fraction());
    return std::min(median * std::exp(sigma * normal), most);
  }
};

inline void Checker::Violated(const std::string& invariant, const std::string& what) {
  world_.Violate(invariant, what);
}

}  // namespace penstock::simulation
