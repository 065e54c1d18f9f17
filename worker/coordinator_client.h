// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proto/worker_service.pb.h"
#include "worker/fetch_task.h"

namespace penstock::worker {

// The seam to the coordinator: WorkerService with Abseil's statuses; over gRPC it is grpc_coordinator_client.h.
// Every call ends. A coordinator that does not answer is UNAVAILABLE: "try again". Thread-safe.
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
    uint64_t epoch = 0;  // that numbered `through`; 0: not known
  };
  virtual absl::StatusOr<Changes> ReadChanges(const v1::ReadChangesRequest& request) = 0;
  virtual absl::StatusOr<v1::ReportLoadResponse> ReportLoad(const v1::ReportLoadRequest& request) = 0;
  virtual absl::StatusOr<v1::TakeQueryResponse> TakeQuery(const v1::TakeQueryRequest& request) = 0;
  // One stream, with the token in its first message.
  virtual absl::StatusOr<v1::ReportQueryResponse> ReportQuery(
      const std::vector<v1::ReportQueryRequest>& messages) = 0;
};

}  // namespace penstock::worker
