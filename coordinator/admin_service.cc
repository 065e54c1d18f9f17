// SPDX-License-Identifier: Apache-2.0
#include "coordinator/admin_service.h"

#include "coordinator/admin_desk.h"
#include "coordinator/answer.h"
#include "coordinator/query_desk.h"
#include "proto/admin_service.grpc.pb.h"

namespace penstock::coordinator {
namespace {

class AdminShell final : public v1::AdminService::Service {
 public:
  AdminShell(Core& core, const std::string& version) : desk_(core, version), queries_(core) {}

  grpc::Status GetStatus(grpc::ServerContext*, const v1::GetStatusRequest* request,
                         v1::GetStatusResponse* response) override {
    return Answer(desk_.GetStatus(*request), response);
  }
  grpc::Status CreateBackfill(grpc::ServerContext*, const v1::CreateBackfillRequest* request,
                              v1::Job* response) override {
    return Answer(desk_.CreateBackfill(*request), response);
  }
  grpc::Status CreatePlan(grpc::ServerContext*, const v1::CreateBackfillRequest* request,
                          v1::Job* response) override {
    return Answer(desk_.CreatePlan(*request), response);
  }
  grpc::Status GetPlan(grpc::ServerContext*, const v1::GetJobRequest* request, v1::Plan* response) override {
    return Answer(desk_.GetPlan(*request), response);
  }
  grpc::Status CreateAudit(grpc::ServerContext*, const v1::CreateBackfillRequest* request,
                           v1::Job* response) override {
    return Answer(desk_.CreateAudit(*request), response);
  }
  grpc::Status GetAudit(grpc::ServerContext*, const v1::GetJobRequest* request,
                        v1::Audit* response) override {
    return Answer(desk_.GetAudit(*request), response);
  }
  grpc::Status CreateSync(grpc::ServerContext*, const v1::CreateSyncRequest* request,
                          v1::Job* response) override {
    return Answer(desk_.CreateSync(*request), response);
  }
  grpc::Status GetSync(grpc::ServerContext*, const v1::GetSyncRequest* request,
                       v1::SyncOverview* response) override {
    return Answer(desk_.GetSync(*request), response);
  }
  grpc::Status ListJobs(grpc::ServerContext*, const v1::ListJobsRequest* request,
                        v1::ListJobsResponse* response) override {
    return Answer(desk_.ListJobs(*request), response);
  }
  grpc::Status GetJob(grpc::ServerContext*, const v1::GetJobRequest* request, v1::Job* response) override {
    return Answer(desk_.GetJob(*request), response);
  }
  grpc::Status ControlJob(grpc::ServerContext*, const v1::ControlJobRequest* request,
                          v1::Job* response) override {
    return Answer(desk_.ControlJob(*request), response);
  }
  grpc::Status ListWindows(grpc::ServerContext*, const v1::ListWindowsRequest* request,
                           v1::ListWindowsResponse* response) override {
    return Answer(desk_.ListWindows(*request), response);
  }
  grpc::Status GetWindow(grpc::ServerContext*, const v1::GetWindowRequest* request,
                         v1::Window* response) override {
    return Answer(desk_.GetWindow(*request), response);
  }
  grpc::Status ExplainWindow(grpc::ServerContext*, const v1::GetWindowRequest* request,
                             v1::ExplainWindowResponse* response) override {
    return Answer(desk_.ExplainWindow(*request), response);
  }
  grpc::Status RetryWindow(grpc::ServerContext*, const v1::GetWindowRequest* request,
                           v1::Window* response) override {
    return Answer(desk_.RetryWindow(*request), response);
  }
  grpc::Status GetCoverage(grpc::ServerContext*, const v1::GetCoverageRequest* request,
                           v1::GetCoverageResponse* response) override {
    return Answer(desk_.GetCoverage(*request), response);
  }
  grpc::Status CountRows(grpc::ServerContext*, const v1::CountRowsRequest* request,
                         v1::CountRowsResponse* response) override {
    return Answer(desk_.CountRows(*request), response);
  }
  grpc::Status GetRow(grpc::ServerContext*, const v1::GetRowRequest* request, v1::Row* response) override {
    return Answer(desk_.GetRow(*request), response);
  }
  grpc::Status ListQuarantine(grpc::ServerContext*, const v1::ListQuarantineRequest* request,
                              v1::ListQuarantineResponse* response) override {
    return Answer(desk_.ListQuarantine(*request), response);
  }
  grpc::Status GetBudget(grpc::ServerContext*, const v1::GetBudgetRequest* request,
                         v1::Budget* response) override {
    return Answer(desk_.GetBudget(*request), response);
  }
  grpc::Status ListWorkers(grpc::ServerContext*, const v1::ListWorkersRequest* request,
                           v1::ListWorkersResponse* response) override {
    return Answer(desk_.ListWorkers(*request), response);
  }
  grpc::Status ListDestinations(grpc::ServerContext*, const v1::ListDestinationsRequest* request,
                                v1::ListDestinationsResponse* response) override {
    return Answer(desk_.ListDestinations(*request), response);
  }
  grpc::Status ResyncDestination(grpc::ServerContext*, const v1::DestinationRequest* request,
                                 v1::Destination* response) override {
    return Answer(desk_.ResyncDestination(*request), response);
  }
  grpc::Status VerifyDestination(grpc::ServerContext*, const v1::DestinationRequest* request,
                                 v1::Verification* response) override {
    return Answer(desk_.VerifyDestination(*request), response);
  }
  grpc::Status GetVerification(grpc::ServerContext*, const v1::DestinationRequest* request,
                               v1::Verification* response) override {
    return Answer(desk_.GetVerification(*request), response);
  }
  grpc::Status PauseDestination(grpc::ServerContext*, const v1::PauseDestinationRequest* request,
                                v1::Destination* response) override {
    return Answer(desk_.PauseDestination(*request), response);
  }
  grpc::Status ResumeDestination(grpc::ServerContext*, const v1::DestinationRequest* request,
                                 v1::Destination* response) override {
    return Answer(desk_.ResumeDestination(*request), response);
  }
  grpc::Status ExplainDestination(grpc::ServerContext*, const v1::DestinationRequest* request,
                                  v1::ExplainDestinationResponse* response) override {
    return Answer(desk_.ExplainDestination(*request), response);
  }
  grpc::Status RunQuery(grpc::ServerContext* context, const v1::RunQueryRequest* request,
                        grpc::ServerWriter<v1::QueryAnswer>* writer) override {
    const grpc::Status status = ToGrpc(queries_.RunQuery(
        *request, [&] { return context->IsCancelled(); },
        [&](const v1::QueryAnswer& piece) { return writer->Write(piece); }));
    // So that the caller can tell a destination that is away from a coordinator that is.
    return status.ok() ? status : grpc::Status(status.error_code(), status.error_message(), "of the query");
  }
  grpc::Status FindPerson(grpc::ServerContext*, const v1::FindPersonRequest* request,
                          v1::Person* response) override {
    return Answer(desk_.FindPerson(*request), response);
  }
  grpc::Status Forget(grpc::ServerContext*, const v1::ForgetRequest* request,
                      v1::Erasure* response) override {
    return Answer(desk_.Forget(*request), response);
  }
  grpc::Status GetErasure(grpc::ServerContext*, const v1::GetErasureRequest* request,
                          v1::Erasure* response) override {
    return Answer(desk_.GetErasure(*request), response);
  }
  grpc::Status ListErasures(grpc::ServerContext*, const v1::ListErasuresRequest* request,
                            v1::ListErasuresResponse* response) override {
    return Answer(desk_.ListErasures(*request), response);
  }
  grpc::Status CreateBackup(grpc::ServerContext*, const v1::CreateBackupRequest* request,
                            v1::BackupRun* response) override {
    return Answer(desk_.CreateBackup(*request), response);
  }
  grpc::Status ListBackups(grpc::ServerContext*, const v1::ListBackupsRequest* request,
                           v1::ListBackupsResponse* response) override {
    return Answer(desk_.ListBackups(*request), response);
  }
  grpc::Status CheckStore(grpc::ServerContext*, const v1::CheckStoreRequest* request,
                          v1::StoreCheck* response) override {
    return Answer(desk_.CheckStore(*request), response);
  }
  grpc::Status GetStoreCheck(grpc::ServerContext*, const v1::GetStoreCheckRequest* request,
                             v1::StoreCheck* response) override {
    return Answer(desk_.GetStoreCheck(*request), response);
  }
  grpc::Status Unblock(grpc::ServerContext*, const v1::UnblockRequest* request,
                       v1::UnblockResponse* response) override {
    return Answer(desk_.Unblock(*request), response);
  }
  grpc::Status ExportRows(grpc::ServerContext*, const v1::ExportRowsRequest* request,
                          grpc::ServerWriter<v1::ExportRowsResponse>* writer) override {
    return ToGrpc(desk_.ExportRows(
        *request, [&](const v1::ExportRowsResponse& message) { return writer->Write(message); }));
  }

 private:
  AdminDesk desk_;
  QueryDesk queries_;
};

}  // namespace

std::unique_ptr<grpc::Service> NewAdminService(Core& core, const std::string& version) {
  return std::make_unique<AdminShell>(core, version);
}

}  // namespace penstock::coordinator
