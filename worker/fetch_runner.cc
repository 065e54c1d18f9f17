// SPDX-License-Identifier: Apache-2.0
#include "worker/fetch_runner.h"

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "base/log.h"
#include "proto/convert.h"
#include "worker/fetch_task.h"
#include "worker/limits.h"
#include "worker/retry_after.h"

namespace penstock::worker {
namespace {

constexpr absl::Duration kCallAgainAfter = absl::Milliseconds(500);

class Runner {
 public:
  Runner(const v1::FetchAssignment& assignment, CoordinatorClient& coordinator, SourceClient& source,
         const Clock& clock, Random& random, TaskSlot& slot)
      : assignment_(assignment),
        coordinator_(coordinator),
        source_(source),
        clock_(clock),
        random_(random),
        slot_(slot),
        task_(assignment, source.url(), random) {}

  void Run() {
    FetchAction action = task_.Begin();
    while (!std::holds_alternative<Finished>(action)) {
      if (slot_.lost()) return ReportUnreported();
      action = std::visit([this](const auto& wanted) { return Do(wanted); }, action);
      // A page takes its permit's fate along; everything else tells it now.
      if (!std::holds_alternative<CommitThisPage>(action)) ReportUnreported();
    }
  }

 private:
  FetchAction Do(const GetPermit&) {
    if (slot_.draining()) return task_.OnDrain();
    v1::AcquirePermitRequest request;
    request.set_request_id(NewId(random_));
    *request.mutable_token() = assignment_.token();
    request.set_window(assignment_.window());
    *request.mutable_patience() = ToProto(kPermitPatience);
    while (true) {
      const absl::Duration asked = clock_.Now().boot;
      absl::StatusOr<v1::AcquirePermitResponse> response = coordinator_.AcquirePermit(request);
      if (slot_.lost()) return task_.OnLost();
      if (response.ok() && response->has_permit()) {
        permit_ = response->permit();
        send_before_ = asked + FromProto(permit_.held_back()) + FromProto(permit_.send_within());
        return task_.OnPermit();
      }
      if (slot_.draining()) return task_.OnDrain();
      if (response.ok()) continue;
      if (absl::IsAborted(response.status()) || absl::IsFailedPrecondition(response.status()))
        return task_.OnLost();
      slot_.SetTrouble(absl::StrCat("no permit: ", response.status().message()),
                       !absl::IsUnavailable(response.status()));
      slot_.Wait(kCallAgainAfter);
    }
  }

  FetchAction Do(const SendPageRequest& wanted) {
    SourceClient::Sent sent = source_.Send(wanted.url, send_before_);
    const Moment now = clock_.Now();
    MakeReport(sent.result, now);
    // A token request that never got an answer failed as any other request does.
    if (sent.was_token && !sent.result.status.ok() && sent.result.fate != v1::ANSWERED) {
      return task_.OnResponse(sent.result, false, now);
    }
    if (!sent.credentials.ok()) return task_.OnCredentialsFailed(sent.credentials, now);
    if (sent.was_token) return GetPermit{};
    return task_.OnResponse(sent.result, sent.authorized, now);
  }

  FetchAction Do(const CommitThisPage& wanted) {
    absl::StatusOr<v1::CommitPageResponse> response = coordinator_.CommitPage(*wanted.page, Report());
    if (!response.ok()) {
      return task_.OnCommitFailed(response.status());
    }
    unreported_ = false;
    slot_.SetTrouble("");
    return task_.OnCommitted(*response);
  }

  FetchAction Do(const WaitFirst& wanted) {
    slot_.SetTrouble(wanted.trouble, wanted.local);
    Log(LogLevel::kWarning, wanted.trouble,
        {{"window", WindowName(assignment_.window())}, {"again in", absl::FormatDuration(wanted.duration)}});
    slot_.Wait(wanted.duration);
    if (slot_.draining()) return task_.OnDrain();
    return task_.OnWaited();
  }

  FetchAction Do(const GiveBack& wanted) {
    v1::ReleaseWindowRequest request;
    *request.mutable_token() = assignment_.token();
    request.set_window(assignment_.window());
    request.set_reason(wanted.reason);
    request.set_detail(Redact(wanted.detail));
    while (!slot_.lost()) {
      const absl::Status status = coordinator_.ReleaseWindow(request);
      // ABORTED: somebody else decided first. A drain does not wait for a coordinator that is away: the lease
      // runs out.
      if (!absl::IsUnavailable(status) || slot_.draining()) break;
      slot_.Wait(kCallAgainAfter);
    }
    return Finished{};
  }

  FetchAction Do(const Finished&) { return Finished{}; }

  void MakeReport(const HttpResult& result, const Moment& now) {
    v1::PermitReport report;
    report.set_number(permit_.number());
    report.set_fate(result.fate);
    if (result.fate == v1::ANSWERED) {
      first_byte_at_ = result.first_byte_at;
      *report.mutable_time_to_first_byte() = ToProto(result.time_to_first_byte);
      report.set_http_status(result.response.status);
      const auto retry_after = ParseRetryAfter(result.response.headers, now.wall);
      if (retry_after.has_value()) {
        *report.mutable_retry_after() = ToProto(*retry_after);
      } else if (result.response.headers.contains("retry-after")) {
        // It asks for patience in words that nobody can read.
        *report.mutable_retry_after() = ToProto(kUnreadableRetryAfter);
      }
      if (const auto date = ServerDate(result.response.headers))
        *report.mutable_server_date() = ToProto(*date);
    }
    report_ = std::move(report);
    unreported_ = true;
  }

  // How long ago the first byte came is measured when the report goes out.
  v1::PermitReport Report() {
    if (report_.fate() == v1::ANSWERED)
      *report_.mutable_first_byte_ago() = ToProto(clock_.Now().boot - first_byte_at_);
    return report_;
  }

  void ReportUnreported() {
    if (!unreported_) return;
    v1::ReportPermitRequest request;
    request.set_source(assignment_.source());
    *request.mutable_report() = Report();
    const absl::Status status = coordinator_.ReportPermit(request);
    // Unreported, the permit's slot stays used a few seconds longer: safe, and worth a line.
    if (!status.ok())
      Log(LogLevel::kWarning, "a permit's fate could not be reported",
          {{"error", std::string(status.message())}});
    unreported_ = false;
  }

  const v1::FetchAssignment& assignment_;
  CoordinatorClient& coordinator_;
  SourceClient& source_;
  const Clock& clock_;
  Random& random_;
  TaskSlot& slot_;
  FetchTask task_;
  v1::Permit permit_;
  absl::Duration send_before_;
  v1::PermitReport report_;  // of the last permit; a page that is committed again tells it again
  bool unreported_ = false;
  absl::Duration first_byte_at_;
};

}  // namespace

void RunFetchTask(const v1::FetchAssignment& assignment, CoordinatorClient& coordinator, SourceClient& source,
                  const Clock& clock, Random& random, TaskSlot& slot) {
  Runner(assignment, coordinator, source, clock, random, slot).Run();
}

}  // namespace penstock::worker
