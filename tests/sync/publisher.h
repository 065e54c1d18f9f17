// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "absl/time/time.h"
#include "base/random.h"
#include "tests/simulation/tenant.h"

namespace penstock {

// Publishes a tenant's days as the vendor does (DATA_API 6 and 7), and its accidents, drawn from a seed. Each
// endpoint has one batch a day: what was created the day before, all under one stamp.
//
// Accidents of a batch: none at all (a quiet day); the second half becomes visible up to 40 hours later under
// the same stamp; 30 hours late; held back for one to six days and then published under a new stamp. Beside
// these, every day: some rows are updated in place, at any age; users come and change; the source forgets
// what is 30 days old.
class Publisher {
 public:
  Publisher(simulation::Tenant& tenant, uint64_t seed) : tenant_(tenant), dice_(seed) {}

  // Everything that becomes visible up to `now`; moments of before are made up for in order.
  void PublishUntil(absl::Time now, absl::Duration boot);
  // Plans the batches of the day that begins then. Once for each day, in order.
  void PlanDay(absl::Time midnight);

  // Whether anything new was published for the endpoint since the last call.
  bool Quiet(Endpoint endpoint) { return published_.erase(endpoint) == 0; }
  // What happened, for the test to see that it tests something.
  struct Happened {
    uint64_t halves = 0;
    uint64_t late = 0;
    uint64_t held_back = 0;
    uint64_t quiet = 0;
    uint64_t updates = 0;
  };
  const Happened& happened() const { return happened_; }

 private:
  struct Part {
    Endpoint endpoint;
    absl::Time day;  // of birth
    int rows;
    absl::Time stamp;
  };
  void PlanBatch(Endpoint endpoint, absl::Time midnight);
  void Publish(const Part& part, absl::Duration boot);
  void Update(Endpoint endpoint, absl::Time stamp, absl::Duration boot);

  simulation::Tenant& tenant_;
  SeededRandom dice_;
  std::multimap<absl::Time, Part> coming_;       // by the moment they become visible
  std::multimap<absl::Time, Endpoint> updates_;  // by stamp
  std::set<Endpoint> published_;
  absl::Time forgotten_until_ = absl::InfinitePast();
  Happened happened_;
};

}  // namespace penstock
