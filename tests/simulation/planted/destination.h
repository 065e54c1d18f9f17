// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "destinations/destination.h"
#include "tests/simulation/world.h"

namespace penstock::simulation::planted {

// Upsert as a destination with a defect does it; without one, as it is.
absl::Status Upsert(World& world, destinations::Destination& destination,
                    std::vector<destinations::TypedRow> rows, destinations::LoadCursor from,
                    const destinations::LoadCursor& to);

}  // namespace penstock::simulation::planted
