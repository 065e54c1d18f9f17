// SPDX-License-Identifier: Apache-2.0
#include "coordinator/admin_desk.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "base/instant.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "coordinator/admin_views.h"
#include "coordinator/alarm_watch.h"
#include "coordinator/hands.h"
#include "coordinator/job_request.h"
#include "coordinator/planner.h"
#include "coordinator/why.h"
#include "coordinator/window_state.h"
#include "proto/convert.h"

namespace penstock::coordinator {
namespace {

using storage::JobRecord;
using storage::WindowRecord;

constexpr size_t kMessageBytes = 1 << 20;

absl::StatusOr<const JobRecord*> FindJob(const State& state, uint64_t number) {
  const JobRecord* job = state.FindJob(number);
  if (job == nullptr) {
    return absl::NotFoundError(
        absl::StrCat("there is no ", JobName(number), "; penstock jobs list shows them"));
  }
  return job;
}

absl::StatusOr<const WindowRecord*> FindWindow(const State& state, uint64_t number) {
  const WindowRecord* window = state.FindWindow(number);
  if (window == nullptr) {
    return absl::NotFoundError(
        absl::StrCat("there is no ", WindowName(number), "; penstock windows list shows them"));
  }
  return window;
}

}  // namespace

absl::StatusOr<v1::SourceStatus> AdminDesk::StatusOf(const Core::Turn& turn,
                                                     const storage::SourceRecord& source) {
  v1::SourceStatus status;
  status.set_name(source.name());
  status.set_url(source.url());
  status.set_blocked(source.blocked());
  for (const auto& [endpoint, reason] : source.blocked_endpoints()) {
    v1::BlockedEndpoint& blocked = *status.add_blocked_endpoints();
    blocked.set_endpoint(static_cast<v1::Endpoint>(endpoint));
    blocked.set_reason(reason);
  }
  for (Endpoint endpoint : kAllEndpoints) {
    ASSIGN_OR_RETURN(auto days, core_.store().DayCounts(source.id(), endpoint));
    for (const store::DayCount& day : days) status.set_rows(status.rows() + day.rows);
  }
  ASSIGN_OR_RETURN(auto quarantined, core_.store().ListQuarantine(source.id()));
  status.set_quarantined(quarantined.size());
  status.set_last_change(source.last_change());
  for (const auto& [number, job] : core_.state().JobsOfSource(source.id())) {
    if (job->state() == JobRecord::RUNNING || job->state() == JobRecord::PAUSED) {
      *status.add_running_jobs() = JobView(core_, *job, turn.now);
    }
  }
  if (core_.state().SettingsOf(source.id()) != nullptr) {
    *status.mutable_budget() = BudgetView(core_, source.id(), turn.now);
    status.set_workers_wanted(
        core_.pace(source.id()).ChainsWanted(core_.state().BudgetOf(source.id()).CurrentLimit(turn.now)));
  }
  for (const auto& [name, source_name] : core_.options().destinations) {
    if (source_name == source.name())
      *status.add_destinations() = DestinationView(core_, name, source, turn.now);
  }
  for (const auto& [id, seen] : core_.workers()) {
    for (const v1::SourceCredentials& credentials : seen.request.sources()) {
      if (credentials.source() == source.name()) status.set_workers(status.workers() + 1);
    }
  }
  for (const auto& [key, lease] : core_.leases().all()) {
    if (lease.source != source.id() || lease.trouble.empty()) continue;
    status.set_trouble(lease.trouble);
    status.set_local_trouble(lease.local_trouble);
  }
  ASSIGN_OR_RETURN(const std::vector<v1::Alarm> alarms, AlarmsOf(core_, turn, source));
  for (const v1::Alarm& alarm : alarms) *status.add_alarms() = alarm;
  return status;
}

absl::StatusOr<v1::GetStatusResponse> AdminDesk::GetStatus(const v1::GetStatusRequest& request) {
  const Core::Turn turn = core_.Enter();
  v1::GetStatusResponse response;
  response.set_version(version_);
  response.set_store_id(core_.store().store_id());
  response.set_read_only(core_.options().read_only);
  if (!request.source().empty()) RETURN_IF_ERROR(core_.SourceId(request.source()).status());
  for (const auto& [id, source] : core_.state().sources()) {
    if (!request.source().empty() && request.source() != source.name()) continue;
    ASSIGN_OR_RETURN(*response.add_sources(), StatusOf(turn, source));
  }
  return response;
}

absl::StatusOr<v1::Job> AdminDesk::CreateBackfill(const v1::CreateBackfillRequest& request) {
  const Core::Turn turn = core_.Enter();
  const State& state = core_.state();
  ASSIGN_OR_RETURN(uint32_t source, core_.SourceId(request.source()));
  RETURN_IF_ERROR(CheckConfigured(state, source));
  ASSIGN_OR_RETURN(JobRecord job, NewJob(state, request, JobRecord::BACKFILL, source, turn.now));
  if (request.reuse_unfinished()) {
    if (const JobRecord* unfinished = FindUnfinished(state, job)) {
      const uint64_t number = unfinished->number();
      RETURN_IF_ERROR(core_.Commit(turn, DecideRetryJob(state, *unfinished)));
      if (state.FindJob(number)->state() == JobRecord::PAUSED) {
        ASSIGN_OR_RETURN(Records resumed,
                         DecideJobMove(state, *state.FindJob(number), JobRecord::RUNNING, turn.now));
        RETURN_IF_ERROR(core_.Commit(turn, std::move(resumed)));
      }
      return JobView(core_, *state.FindJob(number), turn.now);
    }
  }
  if (request.reuse_finished()) {
    if (const JobRecord* finished = FindLatest(state, job)) return JobView(core_, *finished, turn.now);
  }
  Records records = {job, WithoutBlocks(state.sources().at(source), job)};
  for (WindowRecord& window : PlanProbes(job, state.NextWindowNumber())) records.push_back(std::move(window));
  RETURN_IF_ERROR(core_.Commit(turn, std::move(records)));
  return JobView(core_, *state.FindJob(job.number()), turn.now);
}

absl::StatusOr<v1::ListJobsResponse> AdminDesk::ListJobs(const v1::ListJobsRequest& request) {
  const Core::Turn turn = core_.Enter();
  v1::ListJobsResponse response;
  uint32_t source = 0;
  if (!request.source().empty()) {
    ASSIGN_OR_RETURN(source, core_.SourceId(request.source()));
  }
  for (const auto& [number, job] : core_.state().jobs()) {
    if (source == 0 || job.source() == source) *response.add_jobs() = JobView(core_, job, turn.now);
  }
  return response;
}

absl::StatusOr<v1::Job> AdminDesk::GetJob(const v1::GetJobRequest& request) {
  const Core::Turn turn = core_.Enter();
  ASSIGN_OR_RETURN(const JobRecord* job, FindJob(core_.state(), request.number()));
  return JobView(core_, *job, turn.now);
}

absl::StatusOr<v1::Job> AdminDesk::ControlJob(const v1::ControlJobRequest& request) {
  const Core::Turn turn = core_.Enter();
  ASSIGN_OR_RETURN(const JobRecord* job, FindJob(core_.state(), request.number()));
  Records records;
  switch (request.action()) {
    case v1::ControlJobRequest::PAUSE: {
      ASSIGN_OR_RETURN(records, DecideJobMove(core_.state(), *job, JobRecord::PAUSED, turn.now));
      break;
    }
    case v1::ControlJobRequest::RESUME: {
      ASSIGN_OR_RETURN(records, DecideJobMove(core_.state(), *job, JobRecord::RUNNING, turn.now));
      break;
    }
    case v1::ControlJobRequest::CANCEL: {
      ASSIGN_OR_RETURN(records, DecideJobMove(core_.state(), *job, JobRecord::CANCELLED, turn.now));
      break;
    }
    case v1::ControlJobRequest::RETRY:
      records = DecideRetryJob(core_.state(), *job);
      break;
    case v1::ControlJobRequest::REPRIORITISE: {
      ASSIGN_OR_RETURN(records, DecidePriority(*job, request.priority()));
      break;
    }
    default:
      return absl::InvalidArgumentError("action is not set");
  }
  RETURN_IF_ERROR(core_.Commit(turn, std::move(records)));
  Log(LogLevel::kInfo, "a job was steered by hand",
      {{"job", JobName(request.number())}, {"action", v1::ControlJobRequest::Action_Name(request.action())}});
  return JobView(core_, *core_.state().FindJob(request.number()), turn.now);
}

absl::StatusOr<v1::ListWindowsResponse> AdminDesk::ListWindows(const v1::ListWindowsRequest& request) {
  const Core::Turn turn = core_.Enter();
  if (request.job() != 0) RETURN_IF_ERROR(FindJob(core_.state(), request.job()).status());
  uint32_t source = 0;
  if (!request.source().empty()) {
    ASSIGN_OR_RETURN(source, core_.SourceId(request.source()));
  }
  v1::ListWindowsResponse response;
  for (const auto& [number, window] : core_.state().windows()) {
    if (request.job() != 0 && window.job() != request.job()) continue;
    if (source != 0 && window.source() != source) continue;
    const auto& states = request.states();
    if (!states.empty() &&
        std::find(states.begin(), states.end(), static_cast<int>(window.state())) == states.end()) {
      continue;
    }
    *response.add_windows() = WindowView(window);
  }
  return response;
}

absl::StatusOr<v1::Window> AdminDesk::GetWindow(const v1::GetWindowRequest& request) {
  const Core::Turn turn = core_.Enter();
  ASSIGN_OR_RETURN(const WindowRecord* window, FindWindow(core_.state(), request.number()));
  return WindowView(*window);
}

absl::StatusOr<v1::ExplainWindowResponse> AdminDesk::ExplainWindow(const v1::GetWindowRequest& request) {
  const Core::Turn turn = core_.Enter();
  ASSIGN_OR_RETURN(const WindowRecord* window, FindWindow(core_.state(), request.number()));
  return coordinator::ExplainWindow(core_, *window, turn.now);
}

absl::StatusOr<v1::Window> AdminDesk::RetryWindow(const v1::GetWindowRequest& request) {
  const Core::Turn turn = core_.Enter();
  ASSIGN_OR_RETURN(const WindowRecord* window, FindWindow(core_.state(), request.number()));
  if (window->state() != WindowRecord::PARKED) {
    return absl::FailedPreconditionError(absl::StrCat(WindowName(window->number()), " is ",
                                                      WindowRecord::State_Name(window->state()),
                                                      "; only a parked window can be retried"));
  }
  RETURN_IF_ERROR(core_.Commit(turn, DecideRetryWindow(core_.state(), *window)));
  return WindowView(*core_.state().FindWindow(request.number()));
}

absl::StatusOr<v1::Row> AdminDesk::GetRow(const v1::GetRowRequest& request) {
  uint32_t source = 0;
  {
    const Core::Turn turn = core_.Enter();
    ASSIGN_OR_RETURN(source, core_.SourceId(request.source()));
  }
  if (!IsEndpoint(request.endpoint())) return absl::InvalidArgumentError("endpoint is not set");
  ASSIGN_OR_RETURN(storage::RowRecord record,
                   core_.store().GetRow(source, FromProto(request.endpoint()), request.id()));
  v1::Row row;
  row.set_id(request.id());
  row.set_raw(std::move(*record.mutable_raw()));
  if (record.has_created_time()) *row.mutable_created_time() = record.created_time();
  if (record.has_last_updated_time()) *row.mutable_last_updated_time() = record.last_updated_time();
  return row;
}

absl::Status AdminDesk::ExportRows(const v1::ExportRowsRequest& request,
                                   const std::function<bool(const v1::ExportRowsResponse&)>& send) {
  uint32_t source = 0;
  {
    const Core::Turn turn = core_.Enter();
    ASSIGN_OR_RETURN(source, core_.SourceId(request.source()));
  }
  if (!IsEndpoint(request.endpoint())) return absl::InvalidArgumentError("endpoint is not set");
  v1::ExportRowsResponse message;
  size_t bytes = 0;
  bool gone = false;
  RETURN_IF_ERROR(core_.store().ScanRows(source, FromProto(request.endpoint()), [&](v1::Row row) {
    bytes += row.raw().size() + row.id().size();
    *message.add_rows() = std::move(row);
    if (bytes < kMessageBytes) return true;
    gone = !send(message);
    message.clear_rows();
    bytes = 0;
    return !gone;
  }));
  if (!gone && message.rows_size() > 0) gone = !send(message);
  return gone ? absl::CancelledError("the caller went away") : absl::OkStatus();
}

absl::StatusOr<v1::ListQuarantineResponse> AdminDesk::ListQuarantine(
    const v1::ListQuarantineRequest& request) {
  const Core::Turn turn = core_.Enter();
  ASSIGN_OR_RETURN(uint32_t source, core_.SourceId(request.source()));
  ASSIGN_OR_RETURN(std::vector<store::Quarantined> quarantined, core_.store().ListQuarantine(source));
  v1::ListQuarantineResponse response;
  for (store::Quarantined& record : quarantined) {
    if (request.endpoint() != v1::ENDPOINT_UNSPECIFIED && request.endpoint() != ToProto(record.endpoint))
      continue;
    v1::QuarantineEntry& entry = *response.add_entries();
    entry.set_name(record.name);
    entry.set_endpoint(ToProto(record.endpoint));
    entry.set_reason(record.record.reason());
    entry.set_raw(std::move(*record.record.mutable_raw()));
    entry.set_window(record.record.window());
    *entry.mutable_first_seen() = record.record.first_seen();
  }
  return response;
}

absl::StatusOr<v1::CountRowsResponse> AdminDesk::CountRows(const v1::CountRowsRequest& request) {
  const Core::Turn turn = core_.Enter();
  ASSIGN_OR_RETURN(uint32_t source, core_.SourceId(request.source()));
  ASSIGN_OR_RETURN(std::vector<store::Quarantined> quarantined, core_.store().ListQuarantine(source));
  v1::CountRowsResponse response;
  for (Endpoint endpoint : kAllEndpoints) {
    v1::CountRowsResponse::Count& count = *response.add_counts();
    count.set_endpoint(ToProto(endpoint));
    ASSIGN_OR_RETURN(auto days, core_.store().DayCounts(source, endpoint));
    for (const store::DayCount& day : days) count.set_rows(count.rows() + day.rows);
    count.set_quarantined(
        std::count_if(quarantined.begin(), quarantined.end(),
                      [&](const store::Quarantined& record) { return record.endpoint == endpoint; }));
  }
  return response;
}

absl::StatusOr<v1::Budget> AdminDesk::GetBudget(const v1::GetBudgetRequest& request) {
  const Core::Turn turn = core_.Enter();
  ASSIGN_OR_RETURN(uint32_t source, core_.SourceId(request.source()));
  RETURN_IF_ERROR(CheckConfigured(core_.state(), source));
  return BudgetView(core_, source, turn.now);
}

absl::StatusOr<v1::ListWorkersResponse> AdminDesk::ListWorkers(const v1::ListWorkersRequest& request) {
  const Core::Turn turn = core_.Enter();
  v1::ListWorkersResponse response;
  for (const auto& [id, seen] : core_.workers())
    *response.add_workers() = WorkerView(core_, id, seen, turn.now);
  return response;
}

absl::StatusOr<v1::ListDestinationsResponse> AdminDesk::ListDestinations(
    const v1::ListDestinationsRequest& request) {
  const Core::Turn turn = core_.Enter();
  v1::ListDestinationsResponse response;
  for (const auto& [name, source_name] : core_.options().destinations) {
    const storage::SourceRecord* source = core_.state().FindSource(source_name);
    if (source == nullptr || (!request.source().empty() && request.source() != source_name)) continue;
    *response.add_destinations() = DestinationView(core_, name, *source, turn.now);
  }
  if (!core_.options().read_only) return response;
  // No configuration says which there are now: those that were ever loaded.
  for (const auto& [key, load] : core_.state().loads()) {
    const storage::SourceRecord& source = core_.state().sources().at(load.source());
    if (!request.source().empty() && request.source() != source.name()) continue;
    *response.add_destinations() = DestinationView(core_, load.destination(), source, turn.now);
  }
  return response;
}

absl::StatusOr<v1::UnblockResponse> AdminDesk::Unblock(const v1::UnblockRequest& request) {
  const Core::Turn turn = core_.Enter();
  ASSIGN_OR_RETURN(uint32_t source, core_.SourceId(request.source()));
  Records records = DecideUnblock(core_.state(), core_.state().sources().at(source));
  v1::UnblockResponse response;
  for (const store::Record& record : records) {
    if (std::holds_alternative<WindowRecord>(record)) response.set_windows(response.windows() + 1);
  }
  RETURN_IF_ERROR(core_.Commit(turn, std::move(records)));
  return response;
}

}  // namespace penstock::coordinator
