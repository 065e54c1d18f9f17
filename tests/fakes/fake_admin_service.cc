// SPDX-License-Identifier: Apache-2.0
#include "tests/fakes/fake_admin_service.h"

#include <grpcpp/server_builder.h>

#include <chrono>

namespace penstock {

FakeAdminService::FakeAdminService(const std::string& address,
                                   const std::shared_ptr<grpc::ServerCredentials>& credentials) {
  grpc::ServerBuilder builder;
  if (!address.empty()) builder.AddListeningPort(address, credentials, &port);
  builder.RegisterService(this);
  server_ = builder.BuildAndStart();
}

FakeAdminService::~FakeAdminService() { server_->Shutdown(); }

void FakeAdminService::Stop() { server_->Shutdown(); }

std::shared_ptr<grpc::Channel> FakeAdminService::Channel() {
  return server_->InProcessChannel(grpc::ChannelArguments());
}

grpc::Status FakeAdminService::GetStatus(grpc::ServerContext*, const v1::GetStatusRequest* request,
                                         v1::GetStatusResponse* response) {
  return Answer("GetStatus", *request, response, status);
}

grpc::Status FakeAdminService::CreateBackfill(grpc::ServerContext*, const v1::CreateBackfillRequest* request,
                                              v1::Job* job) {
  v1::Job made;
  made.set_number(jobs.empty() ? 1 : jobs.rbegin()->first + 1);
  made.set_source("acme");
  made.set_kind("backfill");
  made.set_state(v1::JOB_RUNNING);
  *made.mutable_endpoints() = request->endpoints();
  if (request->has_from()) *made.mutable_from() = request->from();
  if (request->has_to()) *made.mutable_to() = request->to();
  if (failure.ok()) jobs[made.number()] = made;
  return Answer("CreateBackfill", *request, job, made);
}

grpc::Status FakeAdminService::CreatePlan(grpc::ServerContext* context,
                                          const v1::CreateBackfillRequest* request, v1::Job* job) {
  Note(context);
  return Answer("CreatePlan", *request, job, MadeJob("plan"));
}

grpc::Status FakeAdminService::GetPlan(grpc::ServerContext* context, const v1::GetJobRequest* request,
                                       v1::Plan* response) {
  Note(context);
  return Answer("GetPlan", *request, response, plan);
}

grpc::Status FakeAdminService::CreateAudit(grpc::ServerContext* context,
                                           const v1::CreateBackfillRequest* request, v1::Job* job) {
  Note(context);
  return Answer("CreateAudit", *request, job, MadeJob("audit"));
}

grpc::Status FakeAdminService::GetAudit(grpc::ServerContext* context, const v1::GetJobRequest* request,
                                        v1::Audit* response) {
  Note(context);
  return Answer("GetAudit", *request, response, audit);
}

grpc::Status FakeAdminService::CreateSync(grpc::ServerContext*, const v1::CreateSyncRequest* request,
                                          v1::Job* job) {
  return Answer("CreateSync", *request, job, MadeJob("sync"));
}

grpc::Status FakeAdminService::GetSync(grpc::ServerContext*, const v1::GetSyncRequest* request,
                                       v1::SyncOverview* response) {
  return Answer("GetSync", *request, response, sync);
}

grpc::Status FakeAdminService::ListJobs(grpc::ServerContext*, const v1::ListJobsRequest* request,
                                        v1::ListJobsResponse* response) {
  v1::ListJobsResponse all;
  for (const auto& [number, job] : jobs) *all.add_jobs() = job;
  return Answer("ListJobs", *request, response, all);
}

grpc::Status FakeAdminService::GetJob(grpc::ServerContext*, const v1::GetJobRequest* request, v1::Job* job) {
  if (on_get_job) on_get_job();
  return AnswerFrom("GetJob", *request, job, jobs, "job-");
}

grpc::Status FakeAdminService::ControlJob(grpc::ServerContext*, const v1::ControlJobRequest* request,
                                          v1::Job* job) {
  if (const auto found = jobs.find(request->number()); found != jobs.end()) {
    if (request->action() == v1::ControlJobRequest::PAUSE) found->second.set_state(v1::JOB_PAUSED);
    if (request->action() == v1::ControlJobRequest::RESUME) found->second.set_state(v1::JOB_RUNNING);
    if (request->action() == v1::ControlJobRequest::CANCEL) found->second.set_state(v1::JOB_CANCELLED);
    if (request->action() == v1::ControlJobRequest::RETRY) found->second.set_parked_windows(0);
    if (request->action() == v1::ControlJobRequest::REPRIORITISE)
      found->second.set_priority(request->priority());
  }
  return AnswerFrom("ControlJob", *request, job, jobs, "job-");
}

grpc::Status FakeAdminService::ListWindows(grpc::ServerContext*, const v1::ListWindowsRequest* request,
                                           v1::ListWindowsResponse* response) {
  v1::ListWindowsResponse found;
  for (const auto& [number, window] : windows) {
    bool wanted = request->states_size() == 0;
    for (int state : request->states()) wanted |= state == window.state();
    if (wanted && (request->job() == 0 || request->job() == window.job())) *found.add_windows() = window;
  }
  return Answer("ListWindows", *request, response, found);
}

grpc::Status FakeAdminService::GetWindow(grpc::ServerContext*, const v1::GetWindowRequest* request,
                                         v1::Window* window) {
  return AnswerFrom("GetWindow", *request, window, windows, "w-");
}

grpc::Status FakeAdminService::ExplainWindow(grpc::ServerContext*, const v1::GetWindowRequest* request,
                                             v1::ExplainWindowResponse* response) {
  response->set_why(why);
  response->set_next_step(next_step);
  return AnswerFrom("ExplainWindow", *request, response->mutable_window(), windows, "w-");
}

grpc::Status FakeAdminService::RetryWindow(grpc::ServerContext*, const v1::GetWindowRequest* request,
                                           v1::Window* window) {
  if (const auto found = windows.find(request->number()); found != windows.end()) {
    found->second.set_state(v1::WINDOW_PENDING);
  }
  return AnswerFrom("RetryWindow", *request, window, windows, "w-");
}

grpc::Status FakeAdminService::GetCoverage(grpc::ServerContext*, const v1::GetCoverageRequest* request,
                                           v1::GetCoverageResponse* response) {
  return Answer("GetCoverage", *request, response, coverage);
}

grpc::Status FakeAdminService::CountRows(grpc::ServerContext*, const v1::CountRowsRequest* request,
                                         v1::CountRowsResponse* response) {
  v1::CountRowsResponse counts;
  for (const auto& [endpoint, all] : rows) {
    auto* count = counts.add_counts();
    count->set_endpoint(static_cast<v1::Endpoint>(endpoint));
    count->set_rows(all.size());
    for (const auto& entry : quarantine.entries())
      count->set_quarantined(count->quarantined() + (entry.endpoint() == endpoint));
  }
  return Answer("CountRows", *request, response, counts);
}

grpc::Status FakeAdminService::GetRow(grpc::ServerContext*, const v1::GetRowRequest* request, v1::Row* row) {
  for (const v1::Row& candidate : rows[request->endpoint()]) {
    if (candidate.id() == request->id()) return Answer("GetRow", *request, row, candidate);
  }
  return grpc::Status(grpc::NOT_FOUND, "no row with the id '" + request->id() + "'");
}

grpc::Status FakeAdminService::ExportRows(grpc::ServerContext*, const v1::ExportRowsRequest* request,
                                          grpc::ServerWriter<v1::ExportRowsResponse>* writer) {
  // One row in each message: readers must not count on more.
  for (const v1::Row& row : rows[request->endpoint()]) {
    v1::ExportRowsResponse response;
    *response.add_rows() = row;
    writer->Write(response);
  }
  return failure;
}

grpc::Status FakeAdminService::ListQuarantine(grpc::ServerContext*, const v1::ListQuarantineRequest* request,
                                              v1::ListQuarantineResponse* response) {
  return Answer("ListQuarantine", *request, response, quarantine);
}

grpc::Status FakeAdminService::GetBudget(grpc::ServerContext*, const v1::GetBudgetRequest* request,
                                         v1::Budget* response) {
  return Answer("GetBudget", *request, response, budget);
}

grpc::Status FakeAdminService::Unblock(grpc::ServerContext*, const v1::UnblockRequest* request,
                                       v1::UnblockResponse* response) {
  return Answer("Unblock", *request, response, unblocked);
}

grpc::Status FakeAdminService::ListWorkers(grpc::ServerContext*, const v1::ListWorkersRequest* request,
                                           v1::ListWorkersResponse* response) {
  return Answer("ListWorkers", *request, response, workers);
}

grpc::Status FakeAdminService::ListDestinations(grpc::ServerContext* context,
                                                const v1::ListDestinationsRequest* request,
                                                v1::ListDestinationsResponse* response) {
  Note(context);
  if (on_list_destinations) on_list_destinations();
  return Answer("ListDestinations", *request, response, destinations);
}

grpc::Status FakeAdminService::ResyncDestination(grpc::ServerContext* context,
                                                 const v1::DestinationRequest* request,
                                                 v1::Destination* response) {
  Note(context);
  for (v1::Destination& known : *destinations.mutable_destinations()) {
    if (known.name() != request->name()) continue;
    known.set_resync(true);
    return Answer("ResyncDestination", *request, response, known);
  }
  return NoDestination(request->name());
}

grpc::Status FakeAdminService::PauseDestination(grpc::ServerContext*,
                                                const v1::PauseDestinationRequest* request,
                                                v1::Destination* response) {
  for (v1::Destination& known : *destinations.mutable_destinations()) {
    if (known.name() != request->name()) continue;
    known.mutable_pause()->set_by(request->requested_by());
    known.mutable_pause()->set_reason(request->reason());
    known.mutable_pause()->mutable_since()->set_seconds(1'774'850'400);  // 2026-03-30 06:00 UTC
    return Answer("PauseDestination", *request, response, known);
  }
  return NoDestination(request->name());
}

grpc::Status FakeAdminService::ResumeDestination(grpc::ServerContext*, const v1::DestinationRequest* request,
                                                 v1::Destination* response) {
  for (v1::Destination& known : *destinations.mutable_destinations()) {
    if (known.name() != request->name()) continue;
    known.clear_pause();
    return Answer("ResumeDestination", *request, response, known);
  }
  return NoDestination(request->name());
}

grpc::Status FakeAdminService::ExplainDestination(grpc::ServerContext*, const v1::DestinationRequest* request,
                                                  v1::ExplainDestinationResponse* response) {
  for (const v1::Destination& known : destinations.destinations()) {
    if (known.name() != request->name()) continue;
    v1::ExplainDestinationResponse answer;
    *answer.mutable_destination() = known;
    answer.set_why(why);
    answer.set_next_step(next_step);
    return Answer("ExplainDestination", *request, response, answer);
  }
  return NoDestination(request->name());
}

grpc::Status FakeAdminService::RunQuery(grpc::ServerContext* context, const v1::RunQueryRequest* request,
                                        grpc::ServerWriter<v1::QueryAnswer>* writer) {
  Note(context);
  requests.push_back("RunQuery " + request->ShortDebugString());
  for (const v1::QueryAnswer& piece : answer_pieces) writer->Write(piece);
  return failure;
}

grpc::Status FakeAdminService::FindPerson(grpc::ServerContext* context, const v1::FindPersonRequest* request,
                                          v1::Person* response) {
  Note(context);
  return Answer("FindPerson", *request, response, person);
}

grpc::Status FakeAdminService::Forget(grpc::ServerContext* context, const v1::ForgetRequest* request,
                                      v1::Erasure* response) {
  Note(context);
  return Answer("Forget", *request, response, *erasures.erasures().rbegin());
}

grpc::Status FakeAdminService::GetErasure(grpc::ServerContext* context, const v1::GetErasureRequest* request,
                                          v1::Erasure* response) {
  Note(context);
  if (on_get_erasure) on_get_erasure();
  return Answer("GetErasure", *request, response, *erasures.erasures().rbegin());
}

grpc::Status FakeAdminService::ListErasures(grpc::ServerContext* context,
                                            const v1::ListErasuresRequest* request,
                                            v1::ListErasuresResponse* response) {
  Note(context);
  return Answer("ListErasures", *request, response, erasures);
}

grpc::Status FakeAdminService::CreateBackup(grpc::ServerContext* context,
                                            const v1::CreateBackupRequest* request, v1::BackupRun* response) {
  Note(context);
  return Answer("CreateBackup", *request, response, backup_run.number() > 0 ? backup_run : backups.last());
}

grpc::Status FakeAdminService::ListBackups(grpc::ServerContext* context,
                                           const v1::ListBackupsRequest* request,
                                           v1::ListBackupsResponse* response) {
  Note(context);
  if (on_list_backups) on_list_backups();
  return Answer("ListBackups", *request, response, backups);
}

grpc::Status FakeAdminService::CheckStore(grpc::ServerContext* context, const v1::CheckStoreRequest* request,
                                          v1::StoreCheck* response) {
  Note(context);
  return Answer("CheckStore", *request, response, store_check);
}

grpc::Status FakeAdminService::VerifyDestination(grpc::ServerContext* context,
                                                 const v1::DestinationRequest* request,
                                                 v1::Verification* response) {
  Note(context);
  return Answer("VerifyDestination", *request, response, NextVerification());
}

grpc::Status FakeAdminService::GetVerification(grpc::ServerContext* context,
                                               const v1::DestinationRequest* request,
                                               v1::Verification* response) {
  Note(context);
  return Answer("GetVerification", *request, response, NextVerification());
}

void FakeAdminService::Note(const grpc::ServerContext* context) {
  without_deadline += context->deadline() == std::chrono::system_clock::time_point::max();
}

grpc::Status FakeAdminService::NoDestination(const std::string& name) {
  return grpc::Status(grpc::NOT_FOUND, "there is no destination '" + name + "' here");
}

v1::Verification FakeAdminService::NextVerification() {
  const v1::Verification next = verifications.front();
  if (verifications.size() > 1) verifications.erase(verifications.begin());
  return next;
}

v1::Job FakeAdminService::MadeJob(const std::string& kind) {
  v1::Job made;
  made.set_number(jobs.empty() ? 1 : jobs.rbegin()->first + 1);
  made.set_source("acme");
  made.set_kind(kind);
  made.set_state(v1::JOB_DONE);
  if (failure.ok()) jobs[made.number()] = made;
  return made;
}

template <typename Request, typename Response>
grpc::Status FakeAdminService::Answer(const char* call, const Request& request, Response* response,
                                      const Response& answer) {
  requests.push_back(std::string(call) + " " + request.ShortDebugString());
  if (failure.ok()) *response = answer;
  return failure;
}

template <typename Request, typename Response>
grpc::Status FakeAdminService::AnswerFrom(const char* call, const Request& request, Response* response,
                                          const std::map<uint64_t, Response>& all,
                                          const std::string& prefix) {
  const auto found = all.find(request.number());
  if (found == all.end() && failure.ok()) {
    return grpc::Status(grpc::NOT_FOUND, "there is no " + prefix + std::to_string(request.number()));
  }
  return Answer(call, request, response, failure.ok() ? found->second : Response());
}

}  // namespace penstock
