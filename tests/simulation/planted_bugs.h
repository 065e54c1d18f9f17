// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace penstock::simulation {

// Deliberate defects, to see that the checkers find them. Each is planted in a wrapper of the simulation
// around a real part (the store's decorator, the network, the transport, the destination, the tenant); the
// product's code knows none of them.
struct PlantedBugs {
  // The disk acknowledges a commit before it is synced: a crash takes the last seconds away (sim_store.h).
  bool acknowledge_before_sync = false;
};

}  // namespace penstock::simulation
