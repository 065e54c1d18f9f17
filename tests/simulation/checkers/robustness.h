// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <set>

#include "tests/simulation/checker.h"

namespace penstock::simulation {

// Checked at every request:
//   I40 it goes to the source's own origin and path
// At every commit:
//   I33 a window is done only by a page that was read, a job only when none of its windows is open: no failure
//       ends as success
// At the end:
//   I34 retries are bounded: requests are few more than pages and faults explain
// Elsewhere: I36 (liveness) in cluster.cc, I38 (same seed, same trace) in the campaign.
class RobustnessChecker final : public Checker {
 public:
  using Checker::Checker;

  void OnRequestSent(const RequestSent& sent) override;
  void OnStoreCommit(const StoreCommit& commit) override;
  void AtEnd(coordinator::Core& core) override;

 private:
  uint64_t sent_ = 0;
  std::map<uint64_t, std::set<uint64_t>> open_;  // by job: its windows that are pending or leased
};

}  // namespace penstock::simulation
