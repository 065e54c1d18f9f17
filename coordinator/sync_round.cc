// SPDX-License-Identifier: Apache-2.0
#include "coordinator/sync_round.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/endpoint.h"
#include "base/status_macros.h"
#include "coordinator/sync_rule.h"
#include "proto/convert.h"

namespace penstock::coordinator {
namespace {

using storage::JobRecord;
using storage::SourceRecord;
using storage::WindowRecord;

// What waits for a person in earlier rounds, of an endpoint that the new one reads from the same watermark.
void Supersede(const State& state, const JobRecord& round, Records& records) {
  for (const auto& [number, job] : state.JobsOfSource(round.source())) {
    if (job->kind() != JobRecord::SYNC) continue;
    for (uint64_t window_number : state.WindowsOf(number)) {
      const WindowRecord& window = *state.FindWindow(window_number);
      const auto& read = round.endpoints();
      if (window.state() != WindowRecord::PARKED) continue;
      if (std::find(read.begin(), read.end(), window.endpoint()) == read.end()) continue;
      WindowRecord cancelled = window;
      cancelled.set_state(WindowRecord::CANCELLED);
      cancelled.set_reason(
          absl::StrCat("a later round reads the same; this one was parked: ", window.reason()));
      records.push_back(cancelled);
    }
  }
}

}  // namespace

const JobRecord* OpenRound(const State& state, uint32_t source) {
  for (const auto& [number, job] : state.JobsOfSource(source)) {
    const bool open = job->state() == JobRecord::RUNNING || job->state() == JobRecord::PAUSED;
    if (job->kind() == JobRecord::SYNC && open) return job;
  }
  return nullptr;
}

Round DecideRound(const State& state, const SourceRecord& source, const std::vector<Endpoint>& endpoints,
                  const std::string& requested_by, const Moment& now) {
  Round round;
  JobRecord job;
  job.set_number(state.NextJobNumber());
  job.set_source(source.id());
  job.set_kind(JobRecord::SYNC);
  job.set_state(JobRecord::RUNNING);
  job.set_requested_by(requested_by);
  *job.mutable_created() = ToProto(now.wall);
  const SourceSettings* settings = state.SettingsOf(source.id());
  CHECK(settings != nullptr);
  Records windows;
  std::vector<std::string> left_out;
  for (Endpoint endpoint : endpoints) {
    const RoundStart start = StartOf(state, source, static_cast<int>(endpoint));
    if (!start.left_out.empty()) {
      left_out.push_back(absl::StrCat(Name(endpoint), ": ", start.left_out));
      continue;
    }
    job.add_endpoints(static_cast<int>(endpoint));
    windows.push_back(PlanFollow(job, source, static_cast<int>(endpoint),
                                 state.NextWindowNumber() + windows.size(), start.since,
                                 settings->publication_lag));
  }
  round.why_not = absl::StrJoin(left_out, "; ");
  if (windows.empty()) return round;
  round.job = job.number();
  round.records.push_back(job);
  round.records.insert(round.records.end(), windows.begin(), windows.end());
  Supersede(state, job, round.records);
  return round;
}

SourceRecord Scheduled(const SourceRecord& source, const SyncSettings& sync, absl::Time now) {
  const Schedule& schedule = sync.schedule;
  SourceRecord scheduled = source;
  const bool same =
      source.sync_schedule() == schedule.cron() && source.sync_time_zone() == schedule.time_zone();
  if (same && source.has_next_sync()) return scheduled;
  scheduled.set_sync_schedule(schedule.cron());
  scheduled.set_sync_time_zone(schedule.time_zone());
  *scheduled.mutable_next_sync() = ToProto(schedule.Next(now));
  return scheduled;
}

std::optional<NextMoment> MoveSchedule(const SourceRecord& source, const SyncSettings& sync, absl::Time now) {
  const absl::Time next = sync.schedule.Next(now);
  const absl::Time planned = FromProto(source.next_sync());
  if (planned <= now) return NextMoment{true, next};
  // Nothing lies between, unless the clock ran ahead when the moment was planned.
  if (planned > next) return NextMoment{false, next};
  return std::nullopt;
}

}  // namespace penstock::coordinator
