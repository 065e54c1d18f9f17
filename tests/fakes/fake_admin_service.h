// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
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
      const std::shared_ptr<grpc::ServerCredentials>& credentials = grpc::InsecureServerCredentials()) {
    grpc::ServerBuilder builder;
    if (!address.empty()) builder.AddListeningPort(address, credentials, &port);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~FakeAdminService() override { server_->Shutdown(); }
  // Nobody listens any more.
  void Stop() { server_->Shutdown(); }

  std::shared_ptr<grpc::Channel> Channel() { return server_->InProcessChannel(grpc::ChannelArguments()); }

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
                         v1::GetStatusResponse* response) override {
    return Answer("GetStatus", *request, response, status);
  }
  grpc::Status CreateBackfill(grpc::ServerContext*, const v1::CreateBackfillRequest* request,
                              v1::Job* job) override {
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
  grpc::Status CreatePlan(grpc::ServerContext* context, const v1::CreateBackfillRequest* request,
                          v1::Job* job) override {
    Note(context);
    return Answer("CreatePlan", *request, job, MadeJob("plan"));
  }
  grpc::Status GetPlan(grpc::ServerContext* context, const v1::GetJobRequest* request,
                       v1::Plan* response) override {
    Note(context);
    return Answer("GetPlan", *request, response, plan);
  }
  grpc::Status CreateAudit(grpc::ServerContext* context, const v1::CreateBackfillRequest* request,
                           v1::Job* job) override {
    Note(context);
    return Answer("CreateAudit", *request, job, MadeJob("audit"));
  }
  grpc::Status GetAudit(grpc::ServerContext* context, const v1::GetJobRequest* request,
                        v1::Audit* response) override {
    Note(context);
    return Answer("GetAudit", *request, response, audit);
  }
  grpc::Status CreateSync(grpc::ServerContext*, const v1::CreateSyncRequest* request, v1::Job* job) override {
    return Answer("CreateSync", *request, job, MadeJob("sync"));
  }
  grpc::Status GetSync(grpc::ServerContext*, const v1::GetSyncRequest* request,
                       v1::SyncOverview* response) override {
    return Answer("GetSync", *request, response, sync);
  }
  grpc::Status ListJobs(grpc::ServerContext*, const v1::ListJobsRequest* request,
                        v1::ListJobsResponse* response) override {
    v1::ListJobsResponse all;
    for (const auto& [number, job] : jobs) *all.add_jobs() = job;
    return Answer("ListJobs", *request, response, all);
  }
  grpc::Status GetJob(grpc::ServerContext*, const v1::GetJobRequest* request, v1::Job* job) override {
    if (on_get_job) on_get_job();
    return AnswerFrom("GetJob", *request, job, jobs, "job-");
  }
  grpc::Status ControlJob(grpc::ServerContext*, const v1::ControlJobRequest* request, v1::Job* job) override {
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
  grpc::Status ListWindows(grpc::ServerContext*, const v1::ListWindowsRequest* request,
                           v1::ListWindowsResponse* response) override {
    v1::ListWindowsResponse found;
    for (const auto& [number, window] : windows) {
      bool wanted = request->states_size() == 0;
      for (int state : request->states()) wanted |= state == window.state();
      if (wanted && (request->job() == 0 || request->job() == window.job())) *found.add_windows() = window;
    }
    return Answer("ListWindows", *request, response, found);
  }
  grpc::Status GetWindow(grpc::ServerContext*, const v1::GetWindowRequest* request,
                         v1::Window* window) override {
    return AnswerFrom("GetWindow", *request, window, windows, "w-");
  }
  grpc::Status ExplainWindow(grpc::ServerContext*, const v1::GetWindowRequest* request,
                             v1::ExplainWindowResponse* response) override {
    response->set_why(why);
    response->set_next_step(next_step);
    return AnswerFrom("ExplainWindow", *request, response->mutable_window(), windows, "w-");
  }
  grpc::Status RetryWindow(grpc::ServerContext*, const v1::GetWindowRequest* request,
                           v1::Window* window) override {
    if (const auto found = windows.find(request->number()); found != windows.end()) {
      found->second.set_state(v1::WINDOW_PENDING);
    }
    return AnswerFrom("RetryWindow", *request, window, windows, "w-");
  }
  grpc::Status GetCoverage(grpc::ServerContext*, const v1::GetCoverageRequest* request,
                           v1::GetCoverageResponse* response) override {
    return Answer("GetCoverage", *request, response, coverage);
  }
  grpc::Status CountRows(grpc::ServerContext*, const v1::CountRowsRequest* request,
                         v1::CountRowsResponse* response) override {
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
  grpc::Status GetRow(grpc::ServerContext*, const v1::GetRowRequest* request, v1::Row* row) override {
    for (const v1::Row& candidate : rows[request->endpoint()]) {
      if (candidate.id() == request->id()) return Answer("GetRow", *request, row, candidate);
    }
    return grpc::Status(grpc::NOT_FOUND, "no row with the id '" + request->id() + "'");
  }
  grpc::Status ExportRows(grpc::ServerContext*, const v1::ExportRowsRequest* request,
                          grpc::ServerWriter<v1::ExportRowsResponse>* writer) override {
    // One row in each message: readers must not count on more.
    for (const v1::Row& row : rows[request->endpoint()]) {
      v1::ExportRowsResponse response;
      *response.add_rows() = row;
      writer->Write(response);
    }
    return failure;
  }
  grpc::Status ListQuarantine(grpc::ServerContext*, const v1::ListQuarantineRequest* request,
                              v1::ListQuarantineResponse* response) override {
    return Answer("ListQuarantine", *request, response, quarantine);
  }
  grpc::Status GetBudget(grpc::ServerContext*, const v1::GetBudgetRequest* request,
                         v1::Budget* response) override {
    return Answer("GetBudget", *request, response, budget);
  }
  grpc::Status Unblock(grpc::ServerContext*, const v1::UnblockRequest* request,
                       v1::UnblockResponse* response) override {
    return Answer("Unblock", *request, response, unblocked);
  }
  grpc::Status ListWorkers(grpc::ServerContext*, const v1::ListWorkersRequest* request,
                           v1::ListWorkersResponse* response) override {
    return Answer("ListWorkers", *request, response, workers);
  }
  grpc::Status ListDestinations(grpc::ServerContext* context, const v1::ListDestinationsRequest* request,
                                v1::ListDestinationsResponse* response) override {
    Note(context);
    if (on_list_destinations) on_list_destinations();
    return Answer("ListDestinations", *request, response, destinations);
  }
  grpc::Status ResyncDestination(grpc::ServerContext* context, const v1::DestinationRequest* request,
                                 v1::Destination* response) override {
    Note(context);
    for (v1::Destination& known : *destinations.mutable_destinations()) {
      if (known.name() != request->name()) continue;
      known.set_resync(true);
      return Answer("ResyncDestination", *request, response, known);
    }
    return NoDestination(request->name());
  }
  grpc::Status PauseDestination(grpc::ServerContext*, const v1::PauseDestinationRequest* request,
                                v1::Destination* response) override {
    for (v1::Destination& known : *destinations.mutable_destinations()) {
      if (known.name() != request->name()) continue;
      known.mutable_pause()->set_by(request->requested_by());
      known.mutable_pause()->set_reason(request->reason());
      known.mutable_pause()->mutable_since()->set_seconds(1'774'850'400);  // 2026-03-30 06:00 UTC
      return Answer("PauseDestination", *request, response, known);
    }
    return NoDestination(request->name());
  }
  grpc::Status ResumeDestination(grpc::ServerContext*, const v1::DestinationRequest* request,
                                 v1::Destination* response) override {
    for (v1::Destination& known : *destinations.mutable_destinations()) {
      if (known.name() != request->name()) continue;
      known.clear_pause();
      return Answer("ResumeDestination", *request, response, known);
    }
    return NoDestination(request->name());
  }
  grpc::Status ExplainDestination(grpc::ServerContext*, const v1::DestinationRequest* request,
                                  v1::ExplainDestinationResponse* response) override {
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
  grpc::Status RunQuery(grpc::ServerContext* context, const v1::RunQueryRequest* request,
                        grpc::ServerWriter<v1::QueryAnswer>* writer) override {
    Note(context);
    requests.push_back("RunQuery " + request->ShortDebugString());
    for (const v1::QueryAnswer& piece : answer_pieces) writer->Write(piece);
    return failure;
  }
  grpc::Status FindPerson(grpc::ServerContext* context, const v1::FindPersonRequest* request,
                          v1::Person* response) override {
    Note(context);
    return Answer("FindPerson", *request, response, person);
  }
  grpc::Status Forget(grpc::ServerContext* context, const v1::ForgetRequest* request,
                      v1::Erasure* response) override {
    Note(context);
    return Answer("Forget", *request, response, *erasures.erasures().rbegin());
  }
  grpc::Status GetErasure(grpc::ServerContext* context, const v1::GetErasureRequest* request,
                          v1::Erasure* response) override {
    Note(context);
    if (on_get_erasure) on_get_erasure();
    return Answer("GetErasure", *request, response, *erasures.erasures().rbegin());
  }
  grpc::Status ListErasures(grpc::ServerContext* context, const v1::ListErasuresRequest* request,
                            v1::ListErasuresResponse* response) override {
    Note(context);
    return Answer("ListErasures", *request, response, erasures);
  }
  grpc::Status CreateBackup(grpc::ServerContext* context, const v1::CreateBackupRequest* request,
                            v1::BackupRun* response) override {
    Note(context);
    return Answer("CreateBackup", *request, response, backup_run.number() > 0 ? backup_run : backups.last());
  }
  grpc::Status ListBackups(grpc::ServerContext* context, const v1::ListBackupsRequest* request,
                           v1::ListBackupsResponse* response) override {
    Note(context);
    if (on_list_backups) on_list_backups();
    return Answer("ListBackups", *request, response, backups);
  }
  grpc::Status CheckStore(grpc::ServerContext* context, const v1::CheckStoreRequest* request,
                          v1::StoreCheck* response) override {
    Note(context);
    return Answer("CheckStore", *request, response, store_check);
  }
  grpc::Status VerifyDestination(grpc::ServerContext* context, const v1::DestinationRequest* request,
                                 v1::Verification* response) override {
    Note(context);
    return Answer("VerifyDestination", *request, response, NextVerification());
  }
  grpc::Status GetVerification(grpc::ServerContext* context, const v1::DestinationRequest* request,
                               v1::Verification* response) override {
    Note(context);
    return Answer("GetVerification", *request, response, NextVerification());
  }

 private:
  void Note(const grpc::ServerContext* context) {
    without_deadline += context->deadline() == std::chrono::system_clock::time_point::max();
  }

  static grpc::Status NoDestination(const std::string& name) {
    return grpc::Status(grpc::NOT_FOUND, "there is no destination '" + name + "' here");
  }

  v1::Verification NextVerification() {
    const v1::Verification next = verifications.front();
    if (verifications.size() > 1) verifications.erase(verifications.begin());
    return next;
  }

  // A job that counts: done as soon as it is asked for.
  v1::Job MadeJob(const std::string& kind) {
    v1::Job made;
    made.set_number(jobs.empty() ? 1 : jobs.rbegin()->first + 1);
    made.set_source("acme");
    made.set_kind(kind);
    made.set_state(v1::JOB_DONE);
    if (failure.ok()) jobs[made.number()] = made;
    return made;
  }

  template <typename Request, typename Response>
  grpc::Status Answer(const char* call, const Request& request, Response* response, const Response& answer) {
    requests.push_back(std::string(call) + " " + request.ShortDebugString());
    if (failure.ok()) *response = answer;
    return failure;
  }
  template <typename Request, typename Response>
  grpc::Status AnswerFrom(const char* call, const Request& request, Response* response,
                          const std::map<uint64_t, Response>& all, const std::string& prefix) {
    const auto found = all.find(request.number());
    if (found == all.end() && failure.ok()) {
      return grpc::Status(grpc::NOT_FOUND, "there is no " + prefix + std::to_string(request.number()));
    }
    return Answer(call, request, response, failure.ok() ? found->second : Response());
  }

  std::unique_ptr<grpc::Server> server_;
};

}  // namespace penstock
