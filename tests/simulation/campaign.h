// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/simulation/faults.h"

namespace penstock::simulation {

struct CampaignOptions {
  uint64_t first = 1;
  uint64_t seeds = 1000;
  int jobs = 2;                // processes
  uint64_t repeat_every = 50;  // of so many seeds one is run twice: the same trace (I38)
};

struct CampaignReport {
  uint64_t seeds = 0;
  uint64_t requests = 0;
  uint64_t pages = 0;
  uint64_t commits = 0;
  uint64_t crashes = 0;
  uint64_t events = 0;
  double hours = 0;   // virtual
  uint64_t slow = 0;  // runs below 90 % of the pace that the schedule allowed: they prove little
  FaultCounts faults = {};
  std::vector<std::string> failures;  // "seed 17: I12: ..", at most a few per process
  std::vector<std::string> slow_runs;

  std::vector<Fault> NeverFired() const;
};

// Runs the seeds, split over `jobs` child processes. A child that breaks off (a CHECK) is a failure that
// names its seed.
CampaignReport RunCampaign(const CampaignOptions& options);

// For people, 80 columns.
std::string Describe(const CampaignReport& report, absl::Duration wall);

}  // namespace penstock::simulation
