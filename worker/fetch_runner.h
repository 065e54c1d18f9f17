// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "proto/worker_service.pb.h"
#include "worker/coordinator_client.h"
#include "worker/source_client.h"
#include "worker/task_slot.h"

namespace penstock::worker {

// The shell around a FetchTask: does what it asks for and tells it what came of it, until its end or until
// the slot is told to stop. Blocks: one thread per task. Every permit's fate is reported, with the page or by
// itself.
void RunFetchTask(const v1::FetchAssignment& assignment, CoordinatorClient& coordinator, SourceClient& source,
                  const Clock& clock, Random& random, TaskSlot& slot);

}  // namespace penstock::worker
