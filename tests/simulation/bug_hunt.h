// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/simulation/planted_bugs.h"

namespace penstock::simulation {

struct HuntOptions {
  uint64_t first = 1;
  uint64_t seeds_most = 1000;  // per bug
  int jobs = 2;                // processes
  // Of the bugs' list only every `of`-th, from `shard` on.
  int shard = 0;
  int of = 1;
};

struct Caught {
  PlantedBug bug;
  bool found = false;
  bool by_its_invariant = false;  // one of those that the table names
  uint64_t seed = 0;              // that found it; all before it were tried
  std::string violation;          // "I12: .."
  absl::Duration wall;            // until then
};

// Plants each bug, one after the other, and runs seeds until one ends with a violation. A run that breaks off
// (a CHECK) has found it by "CHECK".
std::vector<Caught> HuntBugs(const HuntOptions& options);

// All found, each by an invariant of its own.
bool AllCaught(const std::vector<Caught>& caught);
// A table for people, 80 columns.
std::string Describe(const std::vector<Caught>& caught);

}  // namespace penstock::simulation
