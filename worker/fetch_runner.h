// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "proto/worker_service.pb.h"
#include "worker/coordinator_client.h"
#include "worker/source_client.h"
#include "worker/task_slot.h"

namespace penstock::worker {

// The shell around a FetchSession: does what it asks for and tells it what came of it, until its end.
// Blocks: one thread per task.
void RunFetchTask(const v1::FetchAssignment& assignment, CoordinatorClient& coordinator, SourceClient& source,
                  const Clock& clock, Random& random, TaskSlot& slot);

}  // namespace penstock::worker
