// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

#include "proto/convert.h"
#include "worker/coordinator_client.h"

namespace penstock {

// A coordinator as one worker sees it, with memory: leases one window after the other, gives every permit, and keeps
// what was committed, released and reported. Thread-safe.
class FakeCoordinator final : public worker::CoordinatorClient {
 public:
  absl::StatusOr<v1::SyncResponse> Sync(const v1::SyncRequest& request) override {
    std::lock_guard lock(mutex_);
    syncs.push_back(request);
    news_.notify_all();
    if (!sync_failure.ok()) return sync_failure;
    v1::SyncResponse response;
    response.mutable_store()->set_store_id("store");
    *response.mutable_next_sync() = ToProto(absl::Milliseconds(5));
    for (const v1::HeldLease& held : request.held()) {
      if (lose_everything) *response.add_lost() = held.token();
    }
    if (!windows.empty() && request.fetch_capacity() > static_cast<uint32_t>(request.held_size())) {
      *response.add_fetch() = windows.front();
      windows.pop_front();
    }
    return response;
  }
  absl::StatusOr<v1::AcquirePermitResponse> AcquirePermit(const v1::AcquirePermitRequest&) override {
    std::lock_guard lock(mutex_);
    v1::AcquirePermitResponse response;
    response.mutable_permit()->set_number(++permits);
    *response.mutable_permit()->mutable_send_within() = ToProto(absl::Seconds(2));
    return response;
  }
  absl::Status ReportPermit(const v1::ReportPermitRequest& request) override {
    std::lock_guard lock(mutex_);
    reports.push_back(request.report());
    return absl::OkStatus();
  }
  absl::StatusOr<v1::CommitPageResponse> CommitPage(const worker::PageToCommit& page,
                                                    const v1::PermitReport& permit) override {
    std::lock_guard lock(mutex_);
    pages.push_back(page);
    reports.push_back(permit);
    news_.notify_all();
    v1::CommitPageResponse response;
    response.set_next(v1::CommitPageResponse::CARRY_ON);
    response.mutable_store()->set_store_id("store");
    response.mutable_store()->set_acknowledged_commit(pages.size());
    return response;
  }
  absl::Status ReleaseWindow(const v1::ReleaseWindowRequest& request) override {
    std::lock_guard lock(mutex_);
    releases.push_back(request);
    news_.notify_all();
    return absl::OkStatus();
  }
  absl::StatusOr<Changes> ReadChanges(const v1::ReadChangesRequest&) override { return Changes{}; }
  absl::StatusOr<v1::ReportLoadResponse> ReportLoad(const v1::ReportLoadRequest&) override {
    return v1::ReportLoadResponse();
  }
  // Waits for a query as long as the worker wants, and not once it has said that it drains or was refused.
  absl::StatusOr<v1::TakeQueryResponse> TakeQuery(const v1::TakeQueryRequest& request) override {
    std::unique_lock lock(mutex_);
    takes.push_back(request);
    news_.notify_all();
    const auto drains = [&] { return !sync_failure.ok() || (!syncs.empty() && syncs.back().draining()); };
    news_.wait_for(lock, absl::ToChronoMilliseconds(FromProto(request.patience())),
                   [&] { return !queries.empty() || !take_failure.ok() || drains(); });
    if (!take_failure.ok()) return take_failure;
    v1::TakeQueryResponse response;
    if (queries.empty() || drains()) return response;
    *response.mutable_query() = queries.front();
    queries.pop_front();
    return response;
  }
  absl::StatusOr<v1::ReportQueryResponse> ReportQuery(
      const std::vector<v1::ReportQueryRequest>& messages) override {
    std::lock_guard lock(mutex_);
    query_reports.push_back(messages);
    news_.notify_all();
    if (!report_query_failures.empty()) {
      const absl::Status failure = report_query_failures.front();
      report_query_failures.pop_front();
      return failure;
    }
    v1::ReportQueryResponse response;
    response.set_carry_on(somebody_waits);
    return response;
  }

  // Blocks until `happened` says yes; it looks under the lock after every call.
  template <typename Predicate>
  void Await(Predicate happened) {
    std::unique_lock lock(mutex_);
    news_.wait(lock, happened);
  }
  // Changes what the coordinator will answer.
  template <typename Change>
  void Set(Change change) {
    std::lock_guard lock(mutex_);
    change();
  }

  // How many leases the last Sync named; -1 before the first. For predicates of Await.
  int LastHeld() const { return syncs.empty() ? -1 : syncs.back().held_size(); }

  std::deque<v1::FetchAssignment> windows;  // to be leased
  absl::Status sync_failure;
  bool lose_everything = false;

  std::vector<v1::SyncRequest> syncs;
  std::vector<worker::PageToCommit> pages;
  std::vector<v1::PermitReport> reports;
  std::vector<v1::ReleaseWindowRequest> releases;
  uint64_t permits = 0;

  std::deque<v1::QueryAssignment> queries;  // to be taken
  absl::Status take_failure;
  std::deque<absl::Status> report_query_failures;  // of the next reports
  bool somebody_waits = true;
  std::vector<v1::TakeQueryRequest> takes;
  std::vector<std::vector<v1::ReportQueryRequest>> query_reports;

 private:
  std::mutex mutex_;
  std::condition_variable news_;
};

}  // namespace penstock
