// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/planted/desk.h"

#include <algorithm>
#include <utility>

namespace penstock::simulation::planted {
namespace {

using storage::WindowRecord;

// Every so many windows or pages.
constexpr uint64_t kNowAndThen = 10;

}  // namespace

absl::StatusOr<v1::SyncResponse> Desk::Sync(v1::SyncRequest request) {
  if (world_.bug == Bug::kStaleCopyAccepted) request.clear_seen();
  absl::StatusOr<v1::SyncResponse> response = desk_.Sync(request);
  if (!response.ok()) return response;
  if (world_.bug == Bug::kLeaseTooLong) {
    const coordinator::Core::Turn turn = core_.Enter();
    for (const coordinator::Lease& lease : core_.leases().OfWorker(request.worker_id())) {
      v1::HeldLease held;
      *held.mutable_token() = lease.token;
      core_.leases().Renew(held, turn.now.boot + absl::Minutes(10));
    }
  }
  if (world_.bug == Bug::kLeaseNeverTold) {
    auto& fetch = *response->mutable_fetch();
    fetch.erase(std::remove_if(fetch.begin(), fetch.end(),
                               [](const auto& one) { return one.window() % kNowAndThen == 0; }),
                fetch.end());
  }
  return response;
}

absl::StatusOr<coordinator::WorkerDesk::PermitLook> Desk::LookForPermit(const coordinator::Core::Turn& turn,
                                                                        const PermitCall& call) {
  auto look = desk_.LookForPermit(turn, call);
  if (!look.ok()) return look;
  auto* response = std::get_if<v1::AcquirePermitResponse>(&*look);
  if (response == nullptr || !response->has_permit()) return look;
  const uint64_t number = response->permit().number();
  if (world_.bug == Bug::kPermitGivenTwice && number % kNowAndThen == 0 && last_permit_ != 0) {
    response->mutable_permit()->set_number(last_permit_);
  }
  last_permit_ = number;
  return look;
}

absl::Status Desk::ReportPermit(v1::ReportPermitRequest request) {
  if (world_.bug == Bug::kPauseIgnored) {
    request.mutable_report()->clear_http_status();
    request.mutable_report()->clear_retry_after();
  }
  return desk_.ReportPermit(request);
}

v1::CommitPageResponse Desk::Applied(const v1::PageHeader& header) const {
  v1::CommitPageResponse response;
  response.set_outcome(v1::CommitPageResponse::APPLIED);
  response.set_next(header.next_link().empty() ? v1::CommitPageResponse::STOP
                                               : v1::CommitPageResponse::CARRY_ON);
  *response.mutable_store() = core_.Position();
  return response;
}

absl::StatusOr<v1::CommitPageResponse> Desk::CommitPage(v1::PageHeader header, std::vector<v1::Row> rows,
                                                        std::vector<v1::QuarantinedRecord> quarantined) {
  if (world_.bug == Bug::kAppliedUnwritten && ++pages_ % kNowAndThen == 0) return Applied(header);
  const WindowRecord* window = core_.state().FindWindow(header.window());
  if (window != nullptr && window->state() == WindowRecord::LEASED) {
    const bool current = window->token_epoch() == header.token().epoch() &&
                         window->token_counter() == header.token().counter();
    if (world_.bug == Bug::kFenceOff && !current) {
      header.mutable_token()->set_epoch(window->token_epoch());
      header.mutable_token()->set_counter(window->token_counter());
      header.set_chain(window->chain());
      header.set_page(window->next_page());
    }
    if (world_.bug == Bug::kPageTakenTwice && current && header.page() < window->next_page()) {
      header.set_page(window->next_page());
    }
  }
  absl::StatusOr<v1::CommitPageResponse> response =
      desk_.CommitPage(header, std::move(rows), std::move(quarantined));
  if (world_.bug == Bug::kFullDiskAcknowledged && absl::IsResourceExhausted(response.status())) {
    return Applied(header);
  }
  return response;
}

}  // namespace penstock::simulation::planted
