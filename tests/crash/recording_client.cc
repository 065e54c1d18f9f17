// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/recording_client.h"

#include <chrono>

#include "absl/strings/str_cat.h"
#include "base/clock.h"

namespace penstock {

uint64_t RecordingClient::last_commit() {
  std::lock_guard lock(mutex_);
  return last_commit_;
}

void RecordingClient::TakePosition(const v1::StorePosition& position, uint64_t at_least) {
  std::lock_guard lock(mutex_);
  if (store_id_.empty()) store_id_ = position.store_id();
  if (position.store_id() != store_id_) expected_.Violation("another store answers");
  if (position.acknowledged_commit() < at_least) {
    expected_.Violation(absl::StrCat("the store is at commit ", position.acknowledged_commit(), ", expected ",
                                     at_least, " or more"));
  }
  last_commit_ = std::max(last_commit_, position.acknowledged_commit());
}

void RecordingClient::TakeToken(const v1::LeaseToken& token) {
  std::lock_guard lock(mutex_);
  if (!tokens_.emplace(token.epoch(), token.counter()).second)
    expected_.Violation(absl::StrCat("a lease token came twice: ", token.ShortDebugString()));
}

absl::StatusOr<v1::SyncResponse> RecordingClient::Sync(const v1::SyncRequest& request) {
  const uint64_t before = last_commit();
  absl::StatusOr<v1::SyncResponse> response = real_->Sync(request);
  if (!response.ok()) return response;
  TakePosition(response->store(), before);
  for (const v1::FetchAssignment& assignment : response->fetch()) TakeToken(assignment.token());
  for (const v1::LoadAssignment& assignment : response->load()) TakeToken(assignment.token());
  return response;
}

absl::StatusOr<v1::AcquirePermitResponse> RecordingClient::AcquirePermit(
    const v1::AcquirePermitRequest& request) {
  const absl::Duration began = SystemClock().Now().boot;
  absl::StatusOr<v1::AcquirePermitResponse> response = real_->AcquirePermit(request);
  if (!response.ok() || !response->has_permit()) return response;
  std::lock_guard lock(mutex_);
  const uint64_t number = response->permit().number();
  if (permits_.emplace(number, request.request_id()).first->second != request.request_id())
    expected_.Violation(absl::StrCat("permit ", number, " was given twice"));
  if (began > died_ && !permit_at_) {
    permit_at_ = SystemClock().Now().boot;
    news_.notify_all();
  }
  return response;
}

absl::StatusOr<v1::CommitPageResponse> RecordingClient::CommitPage(const worker::PageToCommit& page,
                                                                   const v1::PermitReport& permit) {
  {
    std::unique_lock lock(mutex_);
    news_.wait(lock, [&] { return !paused_; });
    ++committing_;
  }
  expected_.Sent(page);
  const uint64_t before = last_commit();
  absl::StatusOr<v1::CommitPageResponse> response = real_->CommitPage(page, permit);
  if (response.ok()) {
    // A page that is applied is a commit of its own.
    TakePosition(response->store(), before + (response->outcome() == v1::CommitPageResponse::APPLIED));
    expected_.Acknowledged(page, *response);
  } else if (absl::IsAborted(response.status()) || absl::IsFailedPrecondition(response.status())) {
    expected_.Refused(page);
  }
  std::lock_guard lock(mutex_);
  --committing_;
  news_.notify_all();
  return response;
}

absl::Status RecordingClient::ReportPermit(const v1::ReportPermitRequest& request) {
  return real_->ReportPermit(request);
}
absl::Status RecordingClient::ReleaseWindow(const v1::ReleaseWindowRequest& request) {
  return real_->ReleaseWindow(request);
}
absl::StatusOr<RecordingClient::Changes> RecordingClient::ReadChanges(const v1::ReadChangesRequest& request) {
  return real_->ReadChanges(request);
}
absl::StatusOr<v1::TakeQueryResponse> RecordingClient::TakeQuery(const v1::TakeQueryRequest& request) {
  return real_->TakeQuery(request);
}

absl::StatusOr<v1::ReportQueryResponse> RecordingClient::ReportQuery(
    const std::vector<v1::ReportQueryRequest>& messages) {
  return real_->ReportQuery(messages);
}

absl::StatusOr<v1::ReportLoadResponse> RecordingClient::ReportLoad(const v1::ReportLoadRequest& request) {
  return real_->ReportLoad(request);
}

void RecordingClient::CoordinatorDied() {
  std::lock_guard lock(mutex_);
  died_ = SystemClock().Now().boot;
  permit_at_.reset();
}

std::optional<absl::Duration> RecordingClient::AwaitPermit(absl::Duration limit) {
  std::unique_lock lock(mutex_);
  news_.wait_for(lock, absl::ToChronoMilliseconds(limit), [&] { return permit_at_.has_value(); });
  return permit_at_;
}

RecordingClient::Pause::Pause(RecordingClient& client) : client_(client) {
  std::unique_lock lock(client_.mutex_);
  client_.paused_ = true;
  client_.news_.wait(lock, [&] { return client_.committing_ == 0; });
}

RecordingClient::Pause::~Pause() {
  std::lock_guard lock(client_.mutex_);
  client_.paused_ = false;
  client_.news_.notify_all();
}

}  // namespace penstock
