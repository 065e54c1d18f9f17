// SPDX-License-Identifier: Apache-2.0
#include "coordinator/window_decider.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/endpoint.h"
#include "base/ids.h"
#include "base/status_macros.h"
#include "coordinator/limits.h"
#include "coordinator/planner.h"
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

// A chain that begins again keeps what it committed; its pages are read again and change nothing that is the
// same.
void BeginChain(WindowRecord& window) {
  window.set_chain(window.chain() + 1);
  window.set_next_page(0);
  window.clear_next_link();
  window.clear_chain_records();
  window.clear_chain_fetched();
}

WindowRecord Retried(const WindowRecord& window) {
  WindowRecord pending = Unleased(window, WindowRecord::PENDING);
  pending.clear_reason();
  pending.clear_refused();
  pending.clear_restarts();
  pending.clear_failed_leases();
  return pending;
}

void AddCounts(const v1::PageCounts& page, storage::Counts& total) {
  total.set_fetched(total.fetched() + page.fetched());
  total.set_inserted(total.inserted() + page.inserted());
  total.set_updated(total.updated() + page.updated());
  total.set_identical(total.identical() + page.identical());
  total.set_older(total.older() + page.older());
  total.set_quarantined(total.quarantined() + page.quarantined());
}

// No record of the window can have been forgotten by the source while it was read.
bool IsWithinRetention(const State& state, const WindowRecord& window, const Moment& now) {
  const SourceSettings* settings = state.SettingsOf(window.source());
  return settings != nullptr && window.has_from() && window.axis() == v1::CREATED_TIME &&
         FromProto(window.from()) > now.wall - settings->retention + kRetentionSlack;
}

// A chain that ended although the server had counted more records than it brought: a next link was missing,
// or rows went away meanwhile. It is read once more; if it falls short again, a person has to look
// (FAULTS 5.26).
WindowRecord EndedShort(const WindowRecord& done) {
  const std::string shortfall = absl::StrCat("the source counts ", done.chain_records(),
                                             " records, its pages brought ", done.chain_fetched());
  WindowRecord again = done;
  again.clear_finished();
  again.set_state(WindowRecord::PENDING);
  BeginChain(again);
  again.set_restarts(done.restarts() + 1);
  if (again.restarts() == 1) return again;
  again.set_state(WindowRecord::PARKED);
  again.set_reason(absl::StrCat(shortfall, ", ", again.restarts(), " times; what came is stored"));
  return again;
}

// Every window of a job, the changed versions instead of the stored ones.
std::map<uint64_t, WindowRecord> WindowsNow(const State& state, uint64_t job,
                                            const std::vector<WindowRecord>& changed) {
  std::map<uint64_t, WindowRecord> windows;
  for (uint64_t number : state.WindowsOf(job)) windows[number] = *state.FindWindow(number);
  for (const WindowRecord& window : changed) {
    if (window.job() == job) windows[window.number()] = window;
  }
  return windows;
}

const JobRecord& JobOf(const State& state, const WindowRecord& window) {
  const JobRecord* job = state.FindJob(window.job());
  CHECK(job != nullptr);
  return *job;
}

// One batch may plan windows for several jobs.
uint64_t FreeWindowNumber(const State& state, const Records& records) {
  uint64_t number = state.NextWindowNumber();
  for (const store::Record& record : records) {
    if (const auto* window = std::get_if<WindowRecord>(&record))
      number = std::max(number, window->number() + 1);
  }
  return number;
}

// A job that had ended has work again.
void Reopen(const JobRecord& job, Records& records) {
  if (job.state() != JobRecord::DONE) return;
  JobRecord running = job;
  running.set_state(JobRecord::RUNNING);
  running.clear_finished();
  records.push_back(running);
}

// A window and what follows from its new version.
Records WithFollowUp(const State& state, const WindowRecord& window, const Moment& now) {
  Records records = {window};
  FollowUp(state, JobOf(state, window), {window}, now, records);
  return records;
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
  for (const auto& [job, windows] : changed) FollowUp(state, *state.FindJob(job), windows, now, records);
  return records;
}

}  // namespace

WindowRecord Leased(const WindowRecord& window, const v1::LeaseToken& token, const std::string& worker) {
  WindowRecord leased = window;
  leased.set_state(WindowRecord::LEASED);
  leased.set_token_epoch(token.epoch());
  leased.set_token_counter(token.counter());
  leased.set_worker(worker);
  return leased;
}

absl::StatusOr<PageDecision> DecidePage(const State& state, const v1::PageHeader& header,
                                        store::PageWrite page, const Moment& now, double jitter) {
  const WindowRecord& window = *state.FindWindow(header.window());
  if (header.chain() != window.chain() || header.page() > window.next_page()) {
    return absl::FailedPreconditionError(
        absl::StrCat(WindowName(window.number()), " expects page ", window.next_page(), " of chain ",
                     window.chain(), ", not page ", header.page(), " of chain ", header.chain()));
  }
  if (header.page() < window.next_page()) return absl::AlreadyExistsError("this page is committed");

  PageDecision decision;
  WindowRecord next = window;
  next.set_next_page(window.next_page() + 1);
  next.set_next_link(header.next_link());
  next.set_pages(window.pages() + 1);
  next.clear_failed_leases();
  if (header.has_chain_records()) next.set_chain_records(header.chain_records());
  const v1::PermitReport& permit = header.permit();
  const absl::Time server_now = permit.has_server_date() ? FromProto(permit.server_date()) : now.wall;
  if (header.page() == 0) *next.mutable_begun() = ToProto(server_now);

  JobRecord job = JobOf(state, window);
  if (header.next_link().empty()) {
    next.set_state(WindowRecord::DONE);
    next.clear_worker();
    *next.mutable_finished() = ToProto(now.wall);
    decision.stop = true;
  } else if (job.state() == JobRecord::PAUSED) {
    next = Unleased(next, WindowRecord::PENDING);
    decision.stop = true;
  }
  if (!job.has_server_start() || server_now < FromProto(job.server_start())) {
    *job.mutable_server_start() = ToProto(server_now);
  }

  const Budget& budget = state.BudgetOf(window.source());
  decision.batch.records = budget.DecideReport(permit, now, jitter);
  if (!decision.stop) {
    Budget::Grant reserve = budget.DecideReserve(static_cast<Endpoint>(window.endpoint()), permit, now);
    decision.reserved = reserve.permit;
    std::move(reserve.records.begin(), reserve.records.end(), std::back_inserter(decision.batch.records));
  }
  storage::SourceRecord source = state.sources().at(window.source());
  if (!source.has_first_contact()) {
    *source.mutable_first_contact() = ToProto(server_now);
    decision.batch.records.push_back(source);
  }
  decision.batch.page = std::move(page);
  decision.batch.finish = [&state, next, job, now](const v1::PageCounts& counts) {
    WindowRecord window = next;
    AddCounts(counts, *window.mutable_counts());
    window.set_chain_fetched(window.chain_fetched() + counts.fetched());
    const bool short_of_count = window.chain_fetched() < window.chain_records();
    if (window.state() == WindowRecord::DONE && short_of_count && IsWithinRetention(state, window, now)) {
      window = EndedShort(window);
    }
    Records records = {window};
    FollowUp(state, job, {window}, now, records);
    return records;
  };
  return decision;
}

void FollowUp(const State& state, JobRecord job, const std::vector<WindowRecord>& changed, const Moment& now,
              Records& records) {
  const std::map<uint64_t, WindowRecord> windows = WindowsNow(state, job.number(), changed);
  const bool running = job.state() == JobRecord::RUNNING || job.state() == JobRecord::PAUSED;
  bool open = false;
  for (int endpoint : job.endpoints()) {
    bool range_read = true;
    bool has_closing = false;
    for (const auto& [number, window] : windows) {
      if (window.endpoint() != endpoint) continue;
      if (!IsSettled(window.state())) open = true;
      if (window.purpose() == WindowRecord::CLOSING) has_closing = true;
      if (window.purpose() == WindowRecord::RANGE && window.state() != WindowRecord::DONE) range_read = false;
    }
    if (running && range_read && !has_closing) {
      records.push_back(PlanClosing(job, endpoint, FreeWindowNumber(state, records), now.wall));
      open = true;
    }
  }
  if (running && !open && job.state() == JobRecord::RUNNING) {
    job.set_state(JobRecord::DONE);
    *job.mutable_finished() = ToProto(now.wall);
  }
  const JobRecord* known = state.FindJob(job.number());
  if (known == nullptr || known->state() != job.state() ||
      known->has_server_start() != job.has_server_start() ||
      known->server_start().seconds() != job.server_start().seconds()) {
    records.push_back(job);
  }
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
  for (int endpoint : job.endpoints()) open.mutable_blocked_endpoints()->erase(endpoint);
  return open;
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
  for (const auto& [number, job] : state.jobs()) {
    if (job.source() != source.id() || job.state() == JobRecord::CANCELLED) continue;
    bool reopened = false;
    for (uint64_t window_number : state.WindowsOf(number)) {
      const WindowRecord& window = *state.FindWindow(window_number);
      if (window.state() != WindowRecord::PARKED || !window.refused()) continue;
      records.push_back(Retried(window));
      reopened = true;
    }
    if (reopened) Reopen(job, records);
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
    if (to == JobRecord::RUNNING) FollowUp(state, moved, {}, now, records);
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
