// SPDX-License-Identifier: Apache-2.0
#include "worker/fetch_session.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "proto/convert.h"
#include "worker/limits.h"
#include "worker/retry_after.h"

namespace penstock::worker {
namespace {

constexpr absl::Duration kCallAgainAfter = absl::Milliseconds(500);

}  // namespace

FetchSession::FetchSession(const v1::FetchAssignment& assignment, const std::string& base_url, Random& random,
                           TaskSlot& slot)
    : assignment_(assignment), random_(random), slot_(slot), task_(assignment, base_url, random) {}

FetchStep FetchSession::Begin() { return Next(task_.Begin()); }

FetchStep FetchSession::Next(FetchAction action) {
  next_ = std::move(action);
  // A page takes its permit's fate along; everything else tells it now.
  if (untold_ && !std::holds_alternative<CommitThisPage>(next_)) return TellFate{};
  return Go();
}

FetchStep FetchSession::Go() {
  if (slot_.lost()) {
    next_ = Finished{};
    if (untold_) return TellFate{};
  }
  const FetchAction action = std::exchange(next_, Finished{});
  return std::visit([this](const auto& wanted) { return Do(wanted); }, action);
}

FetchStep FetchSession::Do(const GetPermit&) {
  if (slot_.draining()) return Next(task_.OnDrain());
  ask_.set_request_id(NewId(random_));
  *ask_.mutable_token() = assignment_.token();
  ask_.set_window(assignment_.window());
  *ask_.mutable_patience() = ToProto(kPermitPatience);
  return AskPermit{ask_};
}

FetchStep FetchSession::OnPermit(const absl::StatusOr<v1::AcquirePermitResponse>& response,
                                 absl::Duration asked) {
  if (slot_.lost()) return Next(task_.OnLost());
  if (response.ok() && response->has_permit()) {
    permit_ = response->permit();
    send_before_ = asked + FromProto(permit_.held_back()) + FromProto(permit_.send_within());
    return Next(task_.OnPermit());
  }
  if (slot_.draining()) return Next(task_.OnDrain());
  if (response.ok()) return AskPermit{ask_};
  if (absl::IsAborted(response.status()) || absl::IsFailedPrecondition(response.status()))
    return Next(task_.OnLost());
  slot_.SetTrouble(absl::StrCat("no permit: ", response.status().message()),
                   !absl::IsUnavailable(response.status()));
  pausing_ = Pausing::kAsk;
  return Pause{kCallAgainAfter};
}

FetchStep FetchSession::Do(const SendPageRequest& wanted) { return SendRequest{wanted.url, send_before_}; }

FetchStep FetchSession::OnSent(const SourceClient::Sent& sent, const Moment& now) {
  MakeReport(sent.result, now);
  // A token request that never got an answer failed as any other request does.
  if (sent.was_token && !sent.result.status.ok() && sent.result.fate != v1::ANSWERED) {
    return Next(task_.OnResponse(sent.result, false, now));
  }
  if (!sent.credentials.ok()) return Next(task_.OnCredentialsFailed(sent.credentials, now));
  if (sent.was_token) return Next(GetPermit{});
  return Next(task_.OnResponse(sent.result, sent.authorized, now));
}

FetchStep FetchSession::Do(const CommitThisPage& wanted) { return CommitPage{wanted.page}; }

FetchStep FetchSession::OnCommitted(const absl::StatusOr<v1::CommitPageResponse>& response) {
  if (!response.ok()) return Next(task_.OnCommitFailed(response.status()));
  untold_ = false;
  slot_.SetTrouble("");
  slot_.Acknowledge(response->store());
  return Next(task_.OnCommitted(*response));
}

FetchStep FetchSession::Do(const WaitFirst& wanted) {
  slot_.SetTrouble(wanted.trouble, wanted.local);
  Log(LogLevel::kWarning, wanted.trouble,
      {{"window", WindowName(assignment_.window())}, {"again in", absl::FormatDuration(wanted.duration)}});
  pausing_ = Pausing::kTask;
  if (slot_.draining() && task_.HoldsPage()) return Pause{kCallAgainAfter, true};
  return Pause{wanted.duration};
}

FetchStep FetchSession::OnPaused(const Moment& now) {
  switch (pausing_) {
    case Pausing::kAsk:
      return AskPermit{ask_};
    case Pausing::kRelease:
      if (slot_.lost()) return Next(Finished{});
      return ReturnWindow{release_};
    case Pausing::kTask:
      break;
  }
  return Next(slot_.draining() ? task_.OnWaitedInDrain(now) : task_.OnWaited());
}

FetchStep FetchSession::Do(const GiveBack& wanted) {
  *release_.mutable_token() = assignment_.token();
  release_.set_window(assignment_.window());
  release_.set_reason(wanted.reason);
  release_.set_detail(Redact(wanted.detail));
  return ReturnWindow{release_};
}

FetchStep FetchSession::OnReturned(const absl::Status& status) {
  // ABORTED: somebody else decided first. A drain does not wait for a coordinator that is away: the lease
  // runs out.
  if (!absl::IsUnavailable(status) || slot_.draining()) return Next(Finished{});
  pausing_ = Pausing::kRelease;
  return Pause{kCallAgainAfter};
}

FetchStep FetchSession::Do(const Finished&) { return SessionEnded{}; }

void FetchSession::MakeReport(const HttpResult& result, const Moment& now) {
  v1::PermitReport report;
  report.set_number(permit_.number());
  report.set_fate(result.fate);
  if (result.fate == v1::ANSWERED) {
    first_byte_at_ = result.first_byte_at;
    *report.mutable_time_to_first_byte() = ToProto(result.time_to_first_byte);
    *report.mutable_body_time() = ToProto(now.boot - result.first_byte_at);
    report.set_http_status(result.response.status);
    const auto retry_after = ParseRetryAfter(result.response.headers, now.wall);
    if (retry_after.has_value()) {
      *report.mutable_retry_after() = ToProto(*retry_after);
    } else if (result.response.headers.contains("retry-after")) {
      // It asks for patience in words that nobody can read.
      *report.mutable_retry_after() = ToProto(kUnreadableRetryAfter);
    }
    if (const auto date = ServerDate(result.response.headers)) *report.mutable_server_date() = ToProto(*date);
  }
  report_ = std::move(report);
  untold_ = true;
}

v1::PermitReport FetchSession::Report(const Moment& now) const {
  v1::PermitReport report = report_;
  if (report.fate() == v1::ANSWERED) *report.mutable_first_byte_ago() = ToProto(now.boot - first_byte_at_);
  return report;
}

v1::ReportPermitRequest FetchSession::FateReport(const Moment& now) const {
  v1::ReportPermitRequest request;
  request.set_source(assignment_.source());
  *request.mutable_report() = Report(now);
  return request;
}

FetchStep FetchSession::OnFateTold(const absl::Status& status) {
  // Unreported, the permit's slot stays used a few seconds longer: safe, and worth a line.
  if (!status.ok())
    Log(LogLevel::kWarning, "a permit's fate could not be reported",
        {{"error", std::string(status.message())}});
  untold_ = false;
  return Go();
}

}  // namespace penstock::worker
