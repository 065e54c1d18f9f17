// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proto/worker_service.grpc.pb.h"
#include "worker/fetch_task.h"

namespace penstock::worker {

// The seam to the coordinator: WorkerService with a deadline on every call and Abseil's statuses.
// DEADLINE_EXCEEDED of the channel comes as UNAVAILABLE: to a worker both mean "try again". Thread-safe.
class CoordinatorClient {
 public:
  virtual ~CoordinatorClient() = default;
  virtual absl::StatusOr<v1::SyncResponse> Sync(const v1::SyncRequest& request) = 0;
  virtual absl::StatusOr<v1::AcquirePermitResponse> AcquirePermit(
      const v1::AcquirePermitRequest& request) = 0;
  virtual absl::Status ReportPermit(const v1::ReportPermitRequest& request) = 0;
  // `permit` is put into the header; the page is cut into messages.
  virtual absl::StatusOr<v1::CommitPageResponse> CommitPage(const PageToCommit& page,
                                                            const v1::PermitReport& permit) = 0;
  virtual absl::Status ReleaseWindow(const v1::ReleaseWindowRequest& request) = 0;
  struct Changes {
    std::vector<v1::Change> changes;
    uint64_t through = 0;
    uint64_t head = 0;
  };
  virtual absl::StatusOr<Changes> ReadChanges(const v1::ReadChangesRequest& request) = 0;
  virtual absl::StatusOr<v1::ReportLoadResponse> ReportLoad(const v1::ReportLoadRequest& request) = 0;
};

// To another process: takes every message that a coordinator sends, and is back within a second or two when a
// coordinator that was away is. `target`: HOST:PORT or unix:PATH.
std::unique_ptr<CoordinatorClient> ConnectToCoordinator(const std::string& target);

// To a coordinator in this process (Server::InProcessChannel).
std::unique_ptr<CoordinatorClient> NewInProcessClient(const std::shared_ptr<grpc::Channel>& channel);

}  // namespace penstock::worker
