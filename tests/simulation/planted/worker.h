// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "destinations/destination.h"
#include "proto/worker_service.pb.h"
#include "tests/simulation/world.h"
#include "worker/fetch_task.h"

namespace penstock::simulation::planted {

// What a worker hands on. Each does nothing without its bug.

// The page as the decoder made it of the answer.
void SpoilPage(World& world, worker::PageToCommit& page);
// The fate of a permit as the coordinator is told.
void SpoilReport(World& world, v1::PermitReport& report);
// The load cursor as the task sees it, which works for that store.
void SpoilCursor(World& world, const std::string& store_id, absl::StatusOr<destinations::LoadCursor>& cursor);
// How the destination's transaction ended.
void SpoilOutcome(World& world, absl::Status& status);

}  // namespace penstock::simulation::planted
