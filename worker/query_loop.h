// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/random.h"
#include "destinations/destination.h"
#include "worker/coordinator_client.h"
#include "worker/task_slot.h"

namespace penstock::worker {

using OpenQueried =
    std::function<absl::StatusOr<std::unique_ptr<destinations::Destination>>(const DestinationConfig&)>;

// A worker's query role: takes one query after the other, asks its destination, reports the answer, until the slot is
// told to stop; a query under way is then given back. Blocks. `open` is for tests.
void RunQueries(const std::string& worker_id, const Config& config, CoordinatorClient& coordinator,
                const Clock& clock, Random& random, TaskSlot& slot, const OpenQueried& open = nullptr);

}  // namespace penstock::worker
