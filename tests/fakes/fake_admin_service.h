// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "proto/admin_service.grpc.pb.h"

namespace penstock {

// A coordinator's AdminService with a memory: tests fill `status`, `jobs`, `windows` .., calls read and
// change them, and leave what was asked in `requests`. Listens in-process, and on `address` when one is
// given. The fields may be touched between calls, and inside `on_get_job`.
class FakeAdminService final : public v1::AdminService::Service {
 public:
  explicit FakeAdminService(
      const std::string& address = "",
      const std::shared_ptr<grpc::ServerCredentials>& credentials = grpc::InsecureServerCredentials());
  ~FakeAdminService() override;
  // Nobody listens any more.
  void Stop();

  std::shared_ptr<grpc::Channel> Channel();

  int port = 0;
  v1::GetStatusResponse status;
  std::map<uint64_t, v1::Job> jobs;
  std::map<uint64_t, v1::Window> windows;
  std::string why, next_step;
  v1::GetCoverageResponse coverage;
  v1::Plan plan;
  v1::Audit audit;
  v1::SyncOverview sync;
  std::map<int, std::vector<v1::Row>> rows;  // by endpoint
  v1::ListQuarantineResponse quarantine;
  v1::Budget budget;
  v1::ListWorkersResponse workers;
  v1::ListDestinationsResponse destinations;
  v1::UnblockResponse unblocked;
  v1::Person person;
  std::vector<v1::QueryAnswer> answer_pieces;  // to every query
  v1::ListErasuresResponse erasures;           // Forget answers with the last one
  v1::BackupRun backup_run;  // what is answered when one is asked for; unset: the last of `backups`
  v1::ListBackupsResponse backups;
  std::function<void()> on_list_backups;
  v1::StoreCheck store_check;
  std::function<void()> on_get_erasure;         // it moves on while somebody watches
  std::vector<std::string> requests;            // ShortDebugString, with the call's name in front
  std::vector<v1::Verification> verifications;  // each call takes the next; the last one stays
  grpc::Status failure;                         // every call answers this while it is not OK
  std::function<void()> on_get_job;             // the job moves on while somebody watches
  std::function<void()> on_list_destinations;   // likewise
  int without_deadline = 0;                     // calls that would wait for ever

  grpc::Status GetStatus(grpc::ServerContext*, const v1::GetStatusRequest* request,
                         v1::GetStatusResponse* response) override;
  grpc::Status CreateBackfill(grpc::ServerContext*, const v1::CreateBackfillRequest* request,
                              v1::Job* job) override;
  grpc::Status CreatePlan(grpc::ServerContext* context, const v1::CreateBackfillRequest* request,
                          v1::Job* job) override;
  grpc::Status GetPlan(grpc::ServerContext* context, const v1::GetJobRequest* request,
                       v1::Plan* response) override;
  grpc::Status CreateAudit(grpc::ServerContext* context, const v1::CreateBackfillRequest* request,
                           v1::Job* job) override;
  grpc::Status GetAudit(grpc::ServerContext* context, const v1::GetJobRequest* request,
                        v1::Audit* response) override;
  grpc::Status CreateSync(grpc::ServerContext*, const v1::CreateSyncRequest* request, v1::Job* job) override;
  grpc::Status GetSync(grpc::ServerContext*, const v1::GetSyncRequest* request,
                       v1::SyncOverview* response) override;
  grpc::Status ListJobs(grpc::ServerContext*, const v1::ListJobsRequest* request,
                        v1::ListJobsResponse* response) override;
  grpc::Status GetJob(grpc::ServerContext*, const v1::GetJobRequest* request, v1::Job* job) override;
  grpc::Status ControlJob(grpc::ServerContext*, const v1::ControlJobRequest* request, v1::Job* job) override;
  grpc::Status ListWindows(grpc::ServerContext*, const v1::ListWindowsRequest* request,
                           v1::ListWindowsResponse* response) override;
  grpc::Status GetWindow(grpc::ServerContext*, const v1::GetWindowRequest* request,
                         v1::Window* window) override;
  grpc::Status ExplainWindow(grpc::ServerContext*, const v1::GetWindowRequest* request,
                             v1::ExplainWindowResponse* response) override;
  grpc::Status RetryWindow(grpc::ServerContext*, const v1::GetWindowRequest* request,
                           v1::Window* window) override;
  grpc::Status GetCoverage(grpc::ServerContext*, const v1::GetCoverageRequest* request,
                           v1::GetCoverageResponse* response) override;
  grpc::Status CountRows(grpc::ServerContext*, const v1::CountRowsRequest* request,
                         v1::CountRowsResponse* response) override;
  grpc::Status GetRow(grpc::ServerContext*, const v1::GetRowRequest* request, v1::Row* row) override;
  grpc::Status ExportRows(grpc::ServerContext*, const v1::ExportRowsRequest* request,
                          grpc::ServerWriter<v1::ExportRowsResponse>* writer) override;
  grpc::Status ListQuarantine(grpc::ServerContext*, const v1::ListQuarantineRequest* request,
                              v1::ListQuarantineResponse* response) override;
  grpc::Status GetBudget(grpc::ServerContext*, const v1::GetBudgetRequest* request,
                         v1::Budget* response) override;
  grpc::Status Unblock(grpc::ServerContext*, const v1::UnblockRequest* request,
                       v1::UnblockResponse* response) override;
  grpc::Status ListWorkers(grpc::ServerContext*, const v1::ListWorkersRequest* request,
                           v1::ListWorkersResponse* response) override;
  grpc::Status ListDestinations(grpc::ServerContext* context, const v1::ListDestinationsRequest* request,
                                v1::ListDestinationsResponse* response) override;
  grpc::Status ResyncDestination(grpc::ServerContext* context, const v1::DestinationRequest* request,
                                 v1::Destination* response) override;
  grpc::Status PauseDestination(grpc::ServerContext*, const v1::PauseDestinationRequest* request,
                                v1::Destination* response) override;
  grpc::Status ResumeDestination(grpc::ServerContext*, const v1::DestinationRequest* request,
                                 v1::Destination* response) override;
  grpc::Status ExplainDestination(grpc::ServerContext*, const v1::DestinationRequest* request,
                                  v1::ExplainDestinationResponse* response) override;
  grpc::Status RunQuery(grpc::ServerContext* context, const v1::RunQueryRequest* request,
                        grpc::ServerWriter<v1::QueryAnswer>* writer) override;
  grpc::Status FindPerson(grpc::ServerContext* context, const v1::FindPersonRequest* request,
                          v1::Person* response) override;
  grpc::Status Forget(grpc::ServerContext* context, const v1::ForgetRequest* request,
                      v1::Erasure* response) override;
  grpc::Status GetErasure(grpc::ServerContext* context, const v1::GetErasureRequest* request,
                          v1::Erasure* response) override;
  grpc::Status ListErasures(grpc::ServerContext* context, const v1::ListErasuresRequest* request,
                            v1::ListErasuresResponse* response) override;
  grpc::Status CreateBackup(grpc::ServerContext* context, const v1::CreateBackupRequest* request,
                            v1::BackupRun* response) override;
  grpc::Status ListBackups(grpc::ServerContext* context, const v1::ListBackupsRequest* request,
                           v1::ListBackupsResponse* response) override;
  grpc::Status CheckStore(grpc::ServerContext* context, const v1::CheckStoreRequest* request,
                          v1::StoreCheck* response) override;
  grpc::Status VerifyDestination(grpc::ServerContext* context, const v1::DestinationRequest* request,
                                 v1::Verification* response) override;
  grpc::Status GetVerification(grpc::ServerContext* context, const v1::DestinationRequest* request,
                               v1::Verification* response) override;

 private:
  void Note(const grpc::ServerContext* context);

  static grpc::Status NoDestination(const std::string& name);

  v1::Verification NextVerification();

  // A job that counts: done as soon as it is asked for.
  v1::Job MadeJob(const std::string& kind);

  template <typename Request, typename Response>
  grpc::Status Answer(const char* call, const Request& request, Response* response, const Response& answer);
  template <typename Request, typename Response>
  grpc::Status AnswerFrom(const char* call, const Request& request, Response* response,
                          const std::map<uint64_t, Response>& all, const std::string& prefix);

  std::unique_ptr<grpc::Server> server_;
};

}  // namespace penstock
