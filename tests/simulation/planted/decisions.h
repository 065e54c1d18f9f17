// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "store/store.h"
#include "tests/simulation/world.h"

namespace penstock::simulation::planted {

// Between the coordinator and its disk: what it decided is changed before it is written, and it believes its
// own version; what it recovers is changed on its way back. Checkers see what reached the disk.
std::unique_ptr<store::Store> WithSpoiledDecisions(World& world, std::unique_ptr<store::Store> store);

}  // namespace penstock::simulation::planted
