// SPDX-License-Identifier: Apache-2.0
#include "coordinator/window_decider.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/endpoint.h"
#include "base/ids.h"
#include "base/status_macros.h"
#include "coordinator/limits.h"
#include "coordinator/page_decider.h"
#include "coordinator/traits.h"
#include "coordinator/window_state.h"
#include "proto/convert.h"

namespace penstock::coordinator {
namespace {

using storage::JobRecord;
using storage::WindowRecord;

WindowRecord Unleased(const WindowRecord& window, WindowState state) {
  WindowRecord next = window;
  next.set_state(state);
  next.clear_worker();
  return next;
}

WindowRecord Parked(const WindowRecord& window, const std::string& reason) {
  WindowRecord parked = Unleased(window, WindowRecord::PARKED);
  parked.set_reason(reason);
  return parked;
}

WindowRecord Retried(const WindowRecord& window) {
  WindowRecord pending = Unleased(window, WindowRecord::PENDING);
  pending.clear_reason();
  pending.clear_refused();
  pending.clear_restarts();
  pending.clear_short_chains();
  pending.clear_failed_leases();
  return pending;
}

// A window and what follows from its new version.
Records WithFollowUp(const State& state, const WindowRecord& window, const Moment& now) {
  Records records = {window};
  FollowUp(state, JobOf(state, window), state.sources().at(window.source()), {window}, now, records);
  return records;
}

// A 400 to the first request of a chain: without the option that the server does not seem to know.
Records DecideRefused(const State& state, const WindowRecord& window, const std::string& detail,
                      const Moment& now) {
  storage::SourceRecord source = state.sources().at(window.source());
  const storage::EndpointTraits traits = TraitsOf(source, window.endpoint());
  if (window.order() != OrderFor(traits, window) || window.asks_count() == traits.no_count()) {
    // Another window's refusal has taught that already, after this one was asked for.
    return {Unleased(window, WindowRecord::PENDING)};
  }
  const auto less = WithoutRefused(traits, window);
  if (!less.has_value()) return WithFollowUp(state, Parked(window, detail), now);
  (*source.mutable_traits())[window.endpoint()] = *less;
  std::vector<WindowRecord> changed;
  WindowRecord again = Unleased(window, WindowRecord::PENDING);
  BeginChain(again);
  if (less->no_filter() && window.purpose() == WindowRecord::CLOSING) {
    again = Unleased(window, WindowRecord::SPLIT);
    again.set_reason("the source refuses $filter: what was stamped meanwhile comes with the next job");
  } else if (less->no_filter()) {
    again.clear_from();
    again.clear_to();
    GiveWay(state, again, changed);
  }
  changed.push_back(again);
  Records records(changed.begin(), changed.end());
  records.push_back(source);
  FollowUp(state, JobOf(state, window), source, changed, now, records);
  return records;
}

// A job that had ended has work again.
void Reopen(const JobRecord& job, Records& records) {
  if (job.state() != JobRecord::DONE) return;
  JobRecord running = job;
  running.set_state(JobRecord::RUNNING);
  running.clear_finished();
  records.push_back(running);
}

// A window that goes back to PENDING; on an endpoint that refuses it would wait for ever, so there it is
// parked.
Records Waiting(const State& state, const WindowRecord& pending, const Moment& now) {
  const auto& blocked = state.sources().at(pending.source()).blocked_endpoints();
  auto refusal = blocked.find(pending.endpoint());
  if (refusal == blocked.end()) return {pending};
  WindowRecord parked = Parked(pending, refusal->second);
  parked.set_refused(true);
  return WithFollowUp(state, parked, now);
}

Records RefuseEndpoint(const State& state, const WindowRecord& window, const std::string& detail,
                       const Moment& now) {
  Records records;
  storage::SourceRecord source = state.sources().at(window.source());
  (*source.mutable_blocked_endpoints())[window.endpoint()] = detail;
  records.push_back(source);
  std::map<uint64_t, std::vector<WindowRecord>> changed;
  for (uint64_t number : state.open_windows()) {
    const WindowRecord& other = *state.FindWindow(number);
    if (other.source() != window.source() || other.endpoint() != window.endpoint()) continue;
    WindowRecord parked = Parked(other, detail);
    parked.set_refused(true);
    records.push_back(parked);
    changed[other.job()].push_back(parked);
  }
  for (const auto& [job, windows] : changed)
    FollowUp(state, *state.FindJob(job), source, windows, now, records);
  return records;
}

}  // namespace

WindowRecord Leased(const State& state, const WindowRecord& window, const v1::LeaseToken& token,
                    const std::string& worker) {
  WindowRecord leased = window;
  if (window.next_page() == 0) {
    const storage::EndpointTraits traits = TraitsOf(state.sources().at(window.source()), window.endpoint());
    leased.set_order(OrderFor(traits, window));
    leased.set_asks_count(!traits.no_count());
  }
  leased.set_state(WindowRecord::LEASED);
  leased.set_token_epoch(token.epoch());
  leased.set_token_counter(token.counter());
  leased.set_worker(worker);
  return leased;
}

Records DecideRelease(const State& state, const WindowRecord& window, v1::ReleaseWindowRequest::Reason reason,
                      const std::string& detail, const Moment& now) {
  switch (reason) {
    case v1::ReleaseWindowRequest::CHAIN_BROKEN: {
      WindowRecord again = Unleased(window, WindowRecord::PENDING);
      BeginChain(again);
      again.set_restarts(window.restarts() + 1);
      if (again.restarts() <= kChainRestartsMax) return Waiting(state, again, now);
      return WithFollowUp(
          state, Parked(again, absl::StrCat("its chain broke ", again.restarts(), " times; last: ", detail)),
          now);
    }
    case v1::ReleaseWindowRequest::PARKED:
      return WithFollowUp(state, Parked(window, detail), now);
    case v1::ReleaseWindowRequest::SOURCE_REFUSED: {
      storage::SourceRecord source = state.sources().at(window.source());
      source.set_blocked(detail);
      return {source, Unleased(window, WindowRecord::PENDING)};
    }
    case v1::ReleaseWindowRequest::ENDPOINT_REFUSED:
      return RefuseEndpoint(state, window, detail, now);
    case v1::ReleaseWindowRequest::REQUEST_REFUSED:
      return DecideRefused(state, window, detail, now);
    default:
      return Waiting(state, Unleased(window, WindowRecord::PENDING), now);
  }
}

Records DecideExpiry(const State& state, const WindowRecord& window, const Moment& now) {
  WindowRecord next = Unleased(window, WindowRecord::PENDING);
  next.set_failed_leases(window.failed_leases() + 1);
  if (next.failed_leases() < kFailedLeasesMax) return Waiting(state, next, now);
  return WithFollowUp(
      state,
      Parked(next, absl::StrCat(next.failed_leases(),
                                " workers in a row were lost while they read it; look at the workers' logs")),
      now);
}

storage::SourceRecord WithoutBlocks(const storage::SourceRecord& source, const JobRecord& job) {
  storage::SourceRecord open = source;
  open.clear_blocked();
  for (int endpoint : job.endpoints()) {
    open.mutable_blocked_endpoints()->erase(endpoint);
    auto traits = open.mutable_traits()->find(endpoint);
    if (traits != open.mutable_traits()->end()) ForgetRefusals(traits->second);
  }
  return open;
}

absl::StatusOr<Records> DecidePriority(JobRecord job, int32_t priority) {
  if (std::abs(int64_t{priority}) > kPriorityMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("a priority lies between -", kPriorityMax, " and ", kPriorityMax));
  }
  if (job.state() != JobRecord::RUNNING && job.state() != JobRecord::PAUSED) {
    return absl::FailedPreconditionError(absl::StrCat(JobName(job.number()), " has ended"));
  }
  job.set_priority(priority);
  return Records{job};
}

Records DecideRetryJob(const State& state, const JobRecord& job) {
  Records records = {WithoutBlocks(state.sources().at(job.source()), job)};
  bool reopened = false;
  for (uint64_t number : state.WindowsOf(job.number())) {
    const WindowRecord& window = *state.FindWindow(number);
    if (window.state() != WindowRecord::PARKED) continue;
    records.push_back(Retried(window));
    reopened = true;
  }
  if (reopened) Reopen(job, records);
  return records;
}

Records DecideRetryWindow(const State& state, const WindowRecord& window) {
  Records records = {Retried(window)};
  storage::SourceRecord source = state.sources().at(window.source());
  source.clear_blocked();
  source.mutable_blocked_endpoints()->erase(window.endpoint());
  records.push_back(source);
  Reopen(JobOf(state, window), records);
  return records;
}

Records DecideUnblock(const State& state, const storage::SourceRecord& source) {
  if (source.blocked().empty() && source.blocked_endpoints().empty()) return {};
  Records records;
  storage::SourceRecord open = source;
  open.clear_blocked();
  open.clear_blocked_endpoints();
  records.push_back(open);
  for (const auto& [number, job] : state.JobsOfSource(source.id())) {
    if (job->state() == JobRecord::CANCELLED) continue;
    bool reopened = false;
    for (uint64_t window_number : state.WindowsOf(number)) {
      const WindowRecord& window = *state.FindWindow(window_number);
      if (window.state() != WindowRecord::PARKED || !window.refused()) continue;
      records.push_back(Retried(window));
      reopened = true;
    }
    if (reopened) Reopen(*job, records);
  }
  return records;
}

absl::StatusOr<Records> DecideJobMove(const State& state, const JobRecord& job, JobRecord::State to,
                                      const Moment& now) {
  if (job.state() == to) return Records{};
  // DONE -> RUNNING exists for retries only: there is nothing to resume.
  if (!CanMove(job.state(), to) || job.state() == JobRecord::DONE) {
    return absl::FailedPreconditionError(absl::StrCat(JobName(job.number()), " is ",
                                                      JobRecord::State_Name(job.state()),
                                                      "; only a running or paused job can be ",
                                                      to == JobRecord::PAUSED    ? "paused"
                                                      : to == JobRecord::RUNNING ? "resumed"
                                                                                 : "cancelled"));
  }
  JobRecord moved = job;
  moved.set_state(to);
  Records records;
  if (to != JobRecord::CANCELLED) {
    records.push_back(moved);
    // A job that was paused during its very last page has nothing left to wait for.
    if (to == JobRecord::RUNNING) FollowUp(state, moved, state.sources().at(job.source()), {}, now, records);
    return records;
  }
  *moved.mutable_finished() = ToProto(now.wall);
  records.push_back(moved);
  for (uint64_t number : state.WindowsOf(job.number())) {
    const WindowRecord& window = *state.FindWindow(number);
    if (!CanMove(window.state(), WindowRecord::CANCELLED)) continue;
    records.push_back(Unleased(window, WindowRecord::CANCELLED));
  }
  return records;
}

}  // namespace penstock::coordinator
