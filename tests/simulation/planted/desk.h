// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "coordinator/core.h"
#include "coordinator/worker_desk.h"
#include "tests/simulation/world.h"

namespace penstock::simulation::planted {

// Before the coordinator's desk: a call or its answer is changed. Checkers see the call as the worker made it
// and the answer as the worker gets it.
class Desk {
 public:
  Desk(World& world, coordinator::Core& core) : world_(world), core_(core), desk_(core) {}

  absl::StatusOr<v1::SyncResponse> Sync(v1::SyncRequest request);
  using PermitCall = coordinator::WorkerDesk::PermitCall;
  absl::StatusOr<coordinator::WorkerDesk::PermitLook> LookForPermit(const coordinator::Core::Turn& turn,
                                                                    const PermitCall& call);
  absl::Status ReportPermit(v1::ReportPermitRequest request);
  absl::StatusOr<v1::CommitPageResponse> CommitPage(v1::PageHeader header, std::vector<v1::Row> rows,
                                                    std::vector<v1::QuarantinedRecord> quarantined);
  absl::Status ReleaseWindow(const v1::ReleaseWindowRequest& request) { return desk_.ReleaseWindow(request); }

 private:
  // As if the page had been taken.
  v1::CommitPageResponse Applied(const v1::PageHeader& header) const;

  World& world_;
  coordinator::Core& core_;
  coordinator::WorkerDesk desk_;
  uint64_t last_permit_ = 0;
  uint64_t pages_ = 0;
};

}  // namespace penstock::simulation::planted
