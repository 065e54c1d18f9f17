// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/random.h"
#include "proto/worker_service.pb.h"
#include "worker/fetch_task.h"
#include "worker/source_client.h"
#include "worker/task_slot.h"

namespace penstock::worker {

// What a fetch session wants done next; its shell (fetch_runner.h) does it and tells what came of it.
struct AskPermit {  // then OnPermit
  v1::AcquirePermitRequest request;
};
struct SendRequest {  // with the permit it has; then OnSent
  std::string url;
  absl::Duration send_before;  // boot clock
};
struct CommitPage {          // with Report(); then OnCommitted
  const PageToCommit* page;  // valid until the next event
};
struct TellFate {};    // ReportPermit with FateReport(); then OnFateTold
struct ReturnWindow {  // then OnReturned
  v1::ReleaseWindowRequest request;
};
struct
    Pause {  // ends early when the lease is lost, and when the worker drains unless it waits although it drains
  absl::Duration duration;
  bool although_draining = false;
};  // then OnPaused
struct SessionEnded {};
using FetchStep =
    std::variant<AskPermit, SendRequest, CommitPage, TellFate, ReturnWindow, Pause, SessionEnded>;

// A FetchTask and its dealings with the coordinator, as a pure machine: permits and their deadline, the fate
// of every permit (told with the page or by itself), lost leases, draining, calls that are tried again. No
// clock, no network, no waiting; what the worker's Sync loop says comes through `slot`.
class FetchSession {
 public:
  FetchSession(const v1::FetchAssignment& assignment, const std::string& base_url, Random& random,
               TaskSlot& slot);

  FetchStep Begin();
  // `asked`: the boot clock just before the call.
  FetchStep OnPermit(const absl::StatusOr<v1::AcquirePermitResponse>& response, absl::Duration asked);
  FetchStep OnSent(const SourceClient::Sent& sent, const Moment& now);
  FetchStep OnCommitted(const absl::StatusOr<v1::CommitPageResponse>& response);
  FetchStep OnFateTold(const absl::Status& status);
  FetchStep OnReturned(const absl::Status& status);
  FetchStep OnPaused(const Moment& now);

  // The fate of the last permit, as it is told at this moment: how long ago the first byte came is measured
  // last.
  v1::PermitReport Report(const Moment& now) const;
  v1::ReportPermitRequest FateReport(const Moment& now) const;

 private:
  // From what the task wants to what is to be done, with whatever has to come before it.
  FetchStep Next(FetchAction action);
  FetchStep Go();
  FetchStep Do(const GetPermit&);
  FetchStep Do(const SendPageRequest& wanted);
  FetchStep Do(const CommitThisPage& wanted);
  FetchStep Do(const WaitFirst& wanted);
  FetchStep Do(const GiveBack& wanted);
  FetchStep Do(const Finished&);
  void MakeReport(const HttpResult& result, const Moment& now);

  const v1::FetchAssignment assignment_;
  Random& random_;
  TaskSlot& slot_;
  FetchTask task_;
  FetchAction next_;  // of the task
  v1::AcquirePermitRequest ask_;
  v1::ReleaseWindowRequest release_;
  enum class Pausing { kTask, kAsk, kRelease } pausing_ = Pausing::kTask;
  v1::Permit permit_;
  absl::Duration send_before_;
  v1::PermitReport report_;  // of the last permit; a page that is committed again tells it again
  bool untold_ = false;
  absl::Duration first_byte_at_;
};

}  // namespace penstock::worker
