// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "coordinator/core.h"
#include "proto/admin_service.pb.h"

namespace penstock::coordinator {

// What people's tools may ask (proto/admin_service.proto tells the errors). Thread-safe.
class AdminDesk {
 public:
  AdminDesk(Core& core, std::string version) : core_(core), version_(std::move(version)) {}

  absl::StatusOr<v1::GetStatusResponse> GetStatus(const v1::GetStatusRequest& request);
  absl::StatusOr<v1::Job> CreateBackfill(const v1::CreateBackfillRequest& request);
  absl::StatusOr<v1::Job> CreatePlan(const v1::CreateBackfillRequest& request);
  absl::StatusOr<v1::Plan> GetPlan(const v1::GetJobRequest& request);
  absl::StatusOr<v1::Job> CreateAudit(const v1::CreateBackfillRequest& request);
  absl::StatusOr<v1::Audit> GetAudit(const v1::GetJobRequest& request);
  absl::StatusOr<v1::Job> CreateSync(const v1::CreateSyncRequest& request);
  absl::StatusOr<v1::SyncOverview> GetSync(const v1::GetSyncRequest& request);
  absl::StatusOr<v1::ListJobsResponse> ListJobs(const v1::ListJobsRequest& request);
  absl::StatusOr<v1::Job> GetJob(const v1::GetJobRequest& request);
  absl::StatusOr<v1::Job> ControlJob(const v1::ControlJobRequest& request);
  absl::StatusOr<v1::ListWindowsResponse> ListWindows(const v1::ListWindowsRequest& request);
  absl::StatusOr<v1::Window> GetWindow(const v1::GetWindowRequest& request);
  absl::StatusOr<v1::ExplainWindowResponse> ExplainWindow(const v1::GetWindowRequest& request);
  absl::StatusOr<v1::Window> RetryWindow(const v1::GetWindowRequest& request);
  absl::StatusOr<v1::GetCoverageResponse> GetCoverage(const v1::GetCoverageRequest& request);
  absl::StatusOr<v1::CountRowsResponse> CountRows(const v1::CountRowsRequest& request);
  absl::StatusOr<v1::Row> GetRow(const v1::GetRowRequest& request);
  // Hands messages of about 1 MiB to `send`, which returns false when the caller has gone.
  absl::Status ExportRows(const v1::ExportRowsRequest& request,
                          const std::function<bool(const v1::ExportRowsResponse&)>& send);
  absl::StatusOr<v1::ListQuarantineResponse> ListQuarantine(const v1::ListQuarantineRequest& request);
  absl::StatusOr<v1::Budget> GetBudget(const v1::GetBudgetRequest& request);
  absl::StatusOr<v1::ListWorkersResponse> ListWorkers(const v1::ListWorkersRequest& request);
  absl::StatusOr<v1::ListDestinationsResponse> ListDestinations(const v1::ListDestinationsRequest& request);
  absl::StatusOr<v1::Destination> ResyncDestination(const v1::DestinationRequest& request);
  absl::StatusOr<v1::Verification> VerifyDestination(const v1::DestinationRequest& request);
  absl::StatusOr<v1::Verification> GetVerification(const v1::DestinationRequest& request);
  absl::StatusOr<v1::Destination> PauseDestination(const v1::PauseDestinationRequest& request);
  absl::StatusOr<v1::Destination> ResumeDestination(const v1::DestinationRequest& request);
  absl::StatusOr<v1::ExplainDestinationResponse> ExplainDestination(const v1::DestinationRequest& request);
  absl::StatusOr<v1::Person> FindPerson(const v1::FindPersonRequest& request);
  absl::StatusOr<v1::Erasure> Forget(const v1::ForgetRequest& request);
  absl::StatusOr<v1::Erasure> GetErasure(const v1::GetErasureRequest& request);
  absl::StatusOr<v1::ListErasuresResponse> ListErasures(const v1::ListErasuresRequest& request);
  absl::StatusOr<v1::BackupRun> CreateBackup(const v1::CreateBackupRequest& request);
  absl::StatusOr<v1::ListBackupsResponse> ListBackups(const v1::ListBackupsRequest& request);
  absl::StatusOr<v1::StoreCheck> CheckStore(const v1::CheckStoreRequest& request);
  absl::StatusOr<v1::StoreCheck> GetStoreCheck(const v1::GetStoreCheckRequest& request);
  absl::StatusOr<v1::UnblockResponse> Unblock(const v1::UnblockRequest& request);

 private:
  absl::StatusOr<v1::SourceStatus> StatusOf(const Core::Turn& turn, const storage::SourceRecord& source);

  Core& core_;
  const std::string version_;
};

}  // namespace penstock::coordinator
