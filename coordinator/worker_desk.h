// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "coordinator/core.h"
#include "proto/worker_service.pb.h"

namespace penstock::coordinator {

// What fetching workers may ask (proto/worker_service.proto tells the conversation and the errors).
// Thread-safe.
class WorkerDesk {
 public:
  explicit WorkerDesk(Core& core) : core_(core) {}

  // `caller`: whom the worker's certificate names; its id stays that one's.
  absl::StatusOr<v1::SyncResponse> Sync(const v1::SyncRequest& request, const std::string& caller = "");
  // Blocks up to the request's patience: LookForPermit, and between two looks the wait for news.
  absl::StatusOr<v1::AcquirePermitResponse> AcquirePermit(const v1::AcquirePermitRequest& request);
  // A caller that stands in line for a permit. `asked` and `end` are on the boot clock.
  struct PermitCall {
    v1::AcquirePermitRequest request;
    absl::Duration asked;
    absl::Duration end;  // its patience is over
  };
  static absl::StatusOr<PermitCall> OpenPermitCall(const v1::AcquirePermitRequest& request,
                                                   const Moment& now);
  // Nothing can be said before this moment, or before something changes.
  struct LookAgain {
    absl::Duration at;
  };
  // One look, without waiting: the answer (a permit, or why there was none in time), an error (the lease is
  // lost, the coordinator stops), or when to look again. The caller stands in line until it has an answer or
  // an error.
  using PermitLook = std::variant<v1::AcquirePermitResponse, LookAgain>;
  absl::StatusOr<PermitLook> LookForPermit(const Core::Turn& turn, const PermitCall& call);
  absl::Status ReportPermit(const v1::ReportPermitRequest& request);
  // The page as its stream brought it; the counts of the header are already checked.
  absl::StatusOr<v1::CommitPageResponse> CommitPage(const v1::PageHeader& header, std::vector<v1::Row> rows,
                                                    std::vector<v1::QuarantinedRecord> quarantined);
  absl::Status ReleaseWindow(const v1::ReleaseWindowRequest& request);

 private:
  using Turn = Core::Turn;
  absl::Status CheckWorker(const v1::SyncRequest& request, const std::string& caller) const;
  absl::Status TakeCredentials(const Turn& turn, const v1::SyncRequest& request);
  absl::Status RenewHeld(const Turn& turn, const v1::SyncRequest& request, v1::SyncResponse& response);
  absl::Status LeaseWindows(const Turn& turn, const v1::SyncRequest& request, v1::SyncResponse& response);
  // The window that this token holds. ABORTED when it does not (any more).
  absl::StatusOr<const storage::WindowRecord*> Held(const Turn& turn, const v1::LeaseToken& token,
                                                    uint64_t window);
  // Gives permits to those who wait, in order, as far as the budget goes.
  absl::Status GivePermits(const Turn& turn, uint32_t source);
  v1::PermitWait Explain(const Turn& turn, const PermitAsk& ask);

  Core& core_;
};

}  // namespace penstock::coordinator
