// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/config.h"
#include "proto/worker_service.pb.h"
#include "worker/coordinator_client.h"
#include "worker/task_slot.h"

namespace penstock::worker {

// Reads every change of the store once and asks the destination how the row stands there; writes nothing. What it
// found, or why it could not, is reported. Blocks.
void RunVerifyTask(const v1::LoadAssignment& assignment, const std::string& store_id,
                   const DestinationConfig& config, CoordinatorClient& coordinator, TaskSlot& slot);

}  // namespace penstock::worker
