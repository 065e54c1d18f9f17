// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "tests/simulation/durable.h"
#include "tests/simulation/world.h"

namespace penstock::simulation::planted {

// Beneath the disk: what lies there is not what the store was told, or not what it said it wrote. Checkers
// know what it was told. In memory; without a bug of its own it is NewMemoryDurable.
std::unique_ptr<Durable> NewSpoiledDurable(World& world);

}  // namespace penstock::simulation::planted
