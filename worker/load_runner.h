// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/config.h"
#include "proto/worker_service.pb.h"
#include "worker/coordinator_client.h"
#include "worker/task_slot.h"

namespace penstock::worker {

// The shell around a LoadSession, or around a comparison (verify_runner.h), until its end. Blocks: one thread per task.
void RunLoadTask(const v1::LoadAssignment& assignment, const std::string& store_id,
                 const DestinationConfig& destination, CoordinatorClient& coordinator, TaskSlot& slot);

}  // namespace penstock::worker
