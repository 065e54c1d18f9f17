// SPDX-License-Identifier: Apache-2.0
#include "coordinator/sync_desk.h"

#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "base/instant.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "coordinator/admin_desk.h"
#include "coordinator/admin_views.h"
#include "coordinator/job_request.h"
#include "coordinator/sync_round.h"
#include "coordinator/sync_rule.h"
#include "proto/convert.h"

namespace penstock::coordinator {
namespace {

using storage::JobRecord;
using storage::SourceRecord;

absl::Status BeginDueRound(Core& core, const Core::Turn& turn, const SourceRecord& known) {
  const State& state = core.state();
  const SyncSettings& sync = *state.SettingsOf(known.id())->sync;
  const std::optional<NextMoment> moment = MoveSchedule(known, sync, turn.now.wall);
  if (!moment.has_value()) return absl::OkStatus();
  SourceRecord source = known;
  *source.mutable_next_sync() = ToProto(moment->next);
  Records records = {source};
  const JobRecord* open = OpenRound(state, source.id());
  Round round;
  if (moment->due && open != nullptr) {
    round.why_not = absl::StrCat(JobName(open->number()), " is still open and reads the same");
  } else if (moment->due) {
    round = DecideRound(state, source, sync.endpoints, "the schedule", turn.now);
    std::move(round.records.begin(), round.records.end(), std::back_inserter(records));
  }
  RETURN_IF_ERROR(core.Commit(turn, std::move(records)));
  if (!moment->due) return absl::OkStatus();
  Log(LogLevel::kInfo, round.job == 0 ? "a sync was due and does not begin" : "a sync begins",
      {{"source", source.name()},
       {"job", round.job == 0 ? "" : JobName(round.job)},
       {"left out", round.why_not},
       {"next", FormatMinute(moment->next)}});
  return absl::OkStatus();
}

std::vector<Endpoint> EndpointsOf(const SourceSettings& settings) {
  if (settings.sync.has_value()) return settings.sync->endpoints;
  return {kAllEndpoints.begin(), kAllEndpoints.end()};
}

}  // namespace

void BeginDueRounds(Core& core, const Core::Turn& turn) {
  std::vector<SourceRecord> scheduled;
  for (const auto& [id, source] : core.state().sources()) {
    const SourceSettings* settings = core.state().SettingsOf(id);
    if (settings != nullptr && settings->sync.has_value()) scheduled.push_back(source);
  }
  for (const SourceRecord& source : scheduled) {
    const absl::Status status = BeginDueRound(core, turn, source);
    if (status.ok()) continue;
    Log(LogLevel::kWarning, "a sync is due and cannot begin; it is tried again by itself",
        {{"source", source.name()}, {"error", std::string(status.message())}});
  }
}

absl::StatusOr<v1::Job> AdminDesk::CreateSync(const v1::CreateSyncRequest& request) {
  const Core::Turn turn = core_.Enter();
  const State& state = core_.state();
  ASSIGN_OR_RETURN(const uint32_t id, core_.SourceId(request.source()));
  RETURN_IF_ERROR(CheckConfigured(state, id));
  if (const JobRecord* open = OpenRound(state, id)) return JobView(core_, *open, turn.now);
  const std::vector<Endpoint> endpoints = EndpointsOf(*state.SettingsOf(id));
  JobRecord wanted;
  for (Endpoint endpoint : endpoints) wanted.add_endpoints(static_cast<int>(endpoint));
  // A person asks: what was refused before is tried again.
  const SourceRecord source = WithoutBlocks(state.sources().at(id), wanted);
  Round round = DecideRound(state, source, endpoints, request.requested_by(), turn.now);
  if (round.records.empty()) {
    return absl::FailedPreconditionError(absl::StrCat("there is nothing to sync now: ", round.why_not));
  }
  round.records.push_back(source);
  RETURN_IF_ERROR(core_.Commit(turn, std::move(round.records)));
  return JobView(core_, *state.FindJob(round.job), turn.now);
}

absl::StatusOr<v1::SyncOverview> AdminDesk::GetSync(const v1::GetSyncRequest& request) {
  const Core::Turn turn = core_.Enter();
  const State& state = core_.state();
  ASSIGN_OR_RETURN(const uint32_t id, core_.SourceId(request.source()));
  const SourceRecord& source = state.sources().at(id);
  v1::SyncOverview overview;
  overview.set_source(source.name());
  const SourceSettings* settings = state.SettingsOf(id);
  const bool scheduled = settings != nullptr && settings->sync.has_value();
  if (scheduled || core_.options().read_only) {
    overview.set_schedule(source.sync_schedule());
    overview.set_time_zone(source.sync_time_zone());
    if (source.has_next_sync()) *overview.mutable_next() = source.next_sync();
  }
  if (const JobRecord* open = OpenRound(state, id))
    *overview.mutable_open() = JobView(core_, *open, turn.now);
  for (Endpoint endpoint : settings != nullptr
                               ? EndpointsOf(*settings)
                               : std::vector<Endpoint>{kAllEndpoints.begin(), kAllEndpoints.end()}) {
    const storage::EndpointSync sync = SyncOf(source, static_cast<int>(endpoint));
    const RoundStart start = StartOf(state, source, static_cast<int>(endpoint));
    v1::EndpointSyncState& view = *overview.add_endpoints();
    view.set_endpoint(ToProto(endpoint));
    if (sync.has_watermark()) *view.mutable_watermark() = sync.watermark();
    if (start.since.has_value()) *view.mutable_since() = ToProto(*start.since);
    if (sync.has_finished()) *view.mutable_finished() = sync.finished();
    view.set_job(sync.job());
    view.set_left_out(start.left_out);
  }
  return overview;
}

}  // namespace penstock::coordinator
