// SPDX-License-Identifier: Apache-2.0
#include "worker/fetch_runner.h"

#include <variant>

#include "worker/fetch_session.h"

namespace penstock::worker {
namespace {

// One step of the session, done for real.
struct Performer {
  FetchSession& session;
  CoordinatorClient& coordinator;
  SourceClient& source;
  const Clock& clock;
  TaskSlot& slot;

  FetchStep operator()(const AskPermit& step) {
    const absl::Duration asked = clock.Now().boot;
    return session.OnPermit(coordinator.AcquirePermit(step.request), asked);
  }
  FetchStep operator()(const SendRequest& step) {
    const SourceClient::Sent sent = source.Send(step.url, step.send_before);
    return session.OnSent(sent, clock.Now());
  }
  FetchStep operator()(const CommitPage& step) {
    return session.OnCommitted(coordinator.CommitPage(*step.page, session.Report(clock.Now())));
  }
  FetchStep operator()(const TellFate&) {
    return session.OnFateTold(coordinator.ReportPermit(session.FateReport(clock.Now())));
  }
  FetchStep operator()(const ReturnWindow& step) {
    return session.OnReturned(coordinator.ReleaseWindow(step.request));
  }
  FetchStep operator()(const Pause& step) {
    slot.Wait(step.duration, step.although_draining);
    return session.OnPaused(clock.Now());
  }
  FetchStep operator()(const SessionEnded&) { return SessionEnded{}; }
};

}  // namespace

void RunFetchTask(const v1::FetchAssignment& assignment, CoordinatorClient& coordinator, SourceClient& source,
                  const Clock& clock, Random& random, TaskSlot& slot) {
  FetchSession session(assignment, source.url(), random, slot);
  Performer perform{session, coordinator, source, clock, slot};
  FetchStep step = session.Begin();
  while (!std::holds_alternative<SessionEnded>(step)) step = std::visit(perform, step);
}

}  // namespace penstock::worker
