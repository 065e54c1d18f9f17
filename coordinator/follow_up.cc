// SPDX-License-Identifier: Apache-2.0
#include "coordinator/follow_up.h"

#include <algorithm>
#include <map>

#include "base/status_macros.h"
#include "coordinator/confirm.h"
#include "coordinator/planner.h"
#include "coordinator/sync_rule.h"
#include "coordinator/traits.h"
#include "coordinator/window_state.h"
#include "proto/convert.h"

namespace penstock::coordinator {
namespace {

using storage::JobRecord;
using storage::WindowRecord;

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

// How far one endpoint of a backfill is.
struct Phase {
  bool range_read = true;
  bool has_closing = false;
  bool closing_read = true;
  bool confirming = false;  // a count is still open
  Confirmations confirmed;
};

Phase PhaseOf(const std::map<uint64_t, WindowRecord>& windows, int endpoint) {
  Phase phase;
  for (const auto& [number, window] : windows) {
    if (window.endpoint() != endpoint) continue;
    const bool read = window.state() == WindowRecord::DONE || window.state() == WindowRecord::SPLIT;
    switch (window.purpose()) {
      case WindowRecord::CLOSING:
        phase.has_closing = true;
        phase.closing_read = phase.closing_read && read;
        break;
      case WindowRecord::CONFIRM:
        phase.confirming = phase.confirming || !read;
        phase.confirmed.Add(window);
        break;
      default:
        phase.range_read = phase.range_read && read;
    }
  }
  return phase;
}

// The window that is due next on the endpoint, if there is one.
std::optional<WindowRecord> NextPhase(const JobRecord& job, int endpoint, const Phase& phase,
                                      const storage::EndpointTraits& traits, uint64_t number,
                                      absl::Time now) {
  if (!phase.range_read) return std::nullopt;
  if (!phase.has_closing && !traits.no_filter()) return PlanClosing(job, endpoint, number, now);
  if (phase.has_closing && !phase.closing_read) return std::nullopt;
  if (phase.confirming || traits.no_count_path()) return std::nullopt;
  if (!phase.confirmed.IsDue() || (phase.confirmed.made > 0 && traits.no_filter())) return std::nullopt;
  // A part cannot be counted without a filter.
  if (traits.no_filter() && (job.has_from() || job.has_to())) return std::nullopt;
  return PlanConfirm(job, endpoint, number, OptionalTime(job.has_from(), job.from()),
                     OptionalTime(job.has_to(), job.to()));
}

// The round's next windows; an endpoint that is through with it is so known from this commit on. Returns
// whether anything is due.
bool FollowRound(const State& state, const JobRecord& job, const storage::SourceRecord& source,
                 const std::map<uint64_t, WindowRecord>& windows, const Moment& now, Records& records) {
  const SourceSettings* settings = state.SettingsOf(job.source());
  if (settings == nullptr) return false;
  storage::SourceRecord moved = source;
  bool due = false;
  bool ended = false;
  for (int endpoint : job.endpoints()) {
    RoundFacts facts;
    facts.traits = TraitsOf(source, endpoint);
    facts.known = SyncOf(source, endpoint);
    facts.publication_lag = settings->publication_lag;
    facts.retention = settings->retention;
    facts.complete_from = CompleteFrom(state, source, endpoint);
    if (facts.known.job() == job.number()) continue;
    for (const auto& [number, window] : windows) {
      if (window.endpoint() == endpoint) facts.windows.push_back(&window);
    }
    const RoundStep step = NextStep(facts, FreeWindowNumber(state, records), now.wall);
    if (step.due.has_value()) records.push_back(*step.due);
    if (step.ended.has_value()) (*moved.mutable_syncs())[endpoint] = *step.ended;
    due = due || step.due.has_value();
    ended = ended || step.ended.has_value();
  }
  if (ended) records.push_back(moved);
  return due;
}

}  // namespace

const JobRecord& JobOf(const State& state, const WindowRecord& window) {
  const JobRecord* job = state.FindJob(window.job());
  CHECK(job != nullptr);
  return *job;
}

uint64_t FreeWindowNumber(const State& state, const Records& records) {
  uint64_t number = state.NextWindowNumber();
  for (const store::Record& record : records) {
    if (const auto* window = std::get_if<WindowRecord>(&record))
      number = std::max(number, window->number() + 1);
  }
  return number;
}

void GiveWay(const State& state, const WindowRecord& except, std::vector<WindowRecord>& changed) {
  for (uint64_t number : state.WindowsOf(except.job())) {
    const WindowRecord& other = *state.FindWindow(number);
    const bool reads = other.purpose() == WindowRecord::RANGE || other.purpose() == WindowRecord::REREAD;
    if (other.number() == except.number() || other.endpoint() != except.endpoint() || !reads) continue;
    if (!CanMove(other.state(), WindowRecord::SPLIT)) continue;
    WindowRecord given = other;
    given.set_state(WindowRecord::SPLIT);
    given.clear_worker();
    changed.push_back(given);
  }
}

void FollowUp(const State& state, JobRecord job, const storage::SourceRecord& source,
              const std::vector<WindowRecord>& changed, const Moment& now, Records& records) {
  const std::map<uint64_t, WindowRecord> windows = WindowsNow(state, job.number(), changed);
  const bool running = job.state() == JobRecord::RUNNING || job.state() == JobRecord::PAUSED;
  bool open = false;
  for (const auto& [number, window] : windows) open = open || !IsSettled(window.state());
  if (running && job.kind() == JobRecord::SYNC) {
    open = FollowRound(state, job, source, windows, now, records) || open;
  }
  for (int endpoint : job.endpoints()) {
    if (!running || job.kind() != JobRecord::BACKFILL) break;
    const std::optional<WindowRecord> due =
        NextPhase(job, endpoint, PhaseOf(windows, endpoint), TraitsOf(source, endpoint),
                  FreeWindowNumber(state, records), now.wall);
    if (!due.has_value()) continue;
    records.push_back(*due);
    open = true;
  }
  if (!open && job.state() == JobRecord::RUNNING) {
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

}  // namespace penstock::coordinator
