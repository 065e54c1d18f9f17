// SPDX-License-Identifier: Apache-2.0
// AdminDesk's plan and audit: jobs that count, and what their counts say.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/endpoint.h"
#include "base/ids.h"
#include "base/instant.h"
#include "base/status_macros.h"
#include "coordinator/admin_desk.h"
#include "coordinator/admin_views.h"
#include "coordinator/estimate.h"
#include "coordinator/job_request.h"
#include "coordinator/limits.h"
#include "coordinator/planner.h"
#include "coordinator/traits.h"
#include "coordinator/window_decider.h"
#include "proto/convert.h"

namespace penstock::coordinator {
namespace {

using storage::JobRecord;
using storage::WindowRecord;

absl::StatusOr<const JobRecord*> FindKind(const State& state, uint64_t number, JobRecord::Kind kind) {
  const JobRecord* job = state.FindJob(number);
  if (job != nullptr && job->kind() == kind) return job;
  return absl::NotFoundError(absl::StrCat(JobName(number),
                                          kind == JobRecord::PLAN ? " is no plan" : " is no audit",
                                          "; penstock jobs list shows what there is"));
}

// Would a backfill keep the oldest records apart? Asks the planner itself.
bool HasTail(const State& state, const JobRecord& job, const WindowRecord& probe, absl::Duration job_time,
             absl::Time now) {
  RangePlan plan;
  plan.records = probe.counted();
  plan.page_records = PageRecords(TraitsOf(state.sources().at(job.source()), probe.endpoint()));
  plan.retention = state.SettingsOf(job.source())->retention;
  plan.job_time = job_time;
  return PlanRange(job, probe.endpoint(), 1, plan, now).size() > 1;
}

}  // namespace

absl::StatusOr<v1::Job> AdminDesk::CreatePlan(const v1::CreateBackfillRequest& request) {
  const Core::Turn turn = core_.Enter();
  const State& state = core_.state();
  ASSIGN_OR_RETURN(uint32_t source, core_.SourceId(request.source()));
  RETURN_IF_ERROR(CheckConfigured(state, source));
  ASSIGN_OR_RETURN(JobRecord job, NewJob(state, request, JobRecord::PLAN, source, turn.now));
  Records records = {job, WithoutBlocks(state.sources().at(source), job)};
  for (WindowRecord& window : PlanProbes(job, state.NextWindowNumber())) records.push_back(std::move(window));
  RETURN_IF_ERROR(core_.Commit(turn, std::move(records)));
  return JobView(core_, *state.FindJob(job.number()), turn.now);
}

absl::StatusOr<v1::Plan> AdminDesk::GetPlan(const v1::GetJobRequest& request) {
  const Core::Turn turn = core_.Enter();
  const State& state = core_.state();
  ASSIGN_OR_RETURN(const JobRecord* job, FindKind(state, request.number(), JobRecord::PLAN));
  RETURN_IF_ERROR(CheckConfigured(state, job->source()));
  const Budget& budget = state.BudgetOf(job->source());
  const Pace& pace = state.PaceOf(job->source());
  const uint32_t limit = budget.CurrentLimit(turn.now);

  v1::Plan plan;
  *plan.mutable_job() = JobView(core_, *job, turn.now);
  plan.set_workers_wanted(pace.ChainsWanted(limit));
  std::vector<EndpointEstimate> endpoints;
  std::vector<const WindowRecord*> probes;
  uint64_t pages = 0;
  for (uint64_t number : state.WindowsOf(job->number())) {
    const WindowRecord& probe = *state.FindWindow(number);
    EndpointEstimate& endpoint = endpoints.emplace_back();
    endpoint.endpoint = probe.endpoint();
    endpoint.page_records = PageRecords(TraitsOf(state.sources().at(job->source()), probe.endpoint()));
    if (probe.has_counted()) endpoint.rows = probe.counted();
    if (!probe.has_counted()) plan.set_partial(true);
    pages += endpoint.rows.value_or(0) / endpoint.page_records + 1;
    probes.push_back(&probe);
  }
  EstimateTerms terms;
  terms.per_request = pace.PerRequest(limit, 0);
  terms.per_users_request = pace.PerRequest(budget.limits().users_per_minute, 0);
  terms.chains = plan.workers_wanted();
  for (size_t i = 0; i < probes.size(); ++i) {
    endpoints[i].tail = HasTail(state, *job, *probes[i], terms.per_request * pages, turn.now.wall);
  }
  Estimate(endpoints, terms);
  absl::Duration takes;
  for (const EndpointEstimate& endpoint : endpoints) {
    v1::EndpointPlan& entry = *plan.add_endpoints();
    entry.set_endpoint(static_cast<v1::Endpoint>(endpoint.endpoint));
    if (!endpoint.rows.has_value()) continue;
    entry.set_rows(*endpoint.rows);
    entry.set_requests(endpoint.requests);
    entry.set_windows(endpoint.windows);
    *entry.mutable_takes() = ToProto(endpoint.takes);
    *entry.mutable_finish() = ToProto(turn.now.wall + endpoint.takes);
    plan.set_requests(plan.requests() + endpoint.requests);
    plan.set_windows(plan.windows() + endpoint.windows);
    takes = std::max(takes, endpoint.takes);
  }
  *plan.mutable_takes() = ToProto(takes);
  *plan.mutable_finish() = ToProto(turn.now.wall + takes);
  return plan;
}

absl::StatusOr<v1::Job> AdminDesk::CreateAudit(const v1::CreateBackfillRequest& request) {
  const Core::Turn turn = core_.Enter();
  const State& state = core_.state();
  ASSIGN_OR_RETURN(uint32_t source, core_.SourceId(request.source()));
  RETURN_IF_ERROR(CheckConfigured(state, source));
  ASSIGN_OR_RETURN(JobRecord job, NewJob(state, request, JobRecord::AUDIT, source, turn.now));
  // The oldest day is half forgotten: its count would say nothing.
  const absl::Time oldest = DayStart(DayNumber(turn.now.wall - state.SettingsOf(source)->retention) + 1);
  const absl::Time from = job.has_from() ? FromProto(job.from()) : oldest;
  const absl::Time to = job.has_to() ? FromProto(job.to()) : turn.now.wall;
  if (from >= to) return absl::InvalidArgumentError("the range is empty: --from is not before now");
  if (to - from > kAuditMax) {
    return absl::InvalidArgumentError(absl::StrCat("the range is longer than ", FormatSpan(kAuditMax),
                                                   ": each endpoint and day costs a request"));
  }
  Records records = {job, WithoutBlocks(state.sources().at(source), job)};
  for (WindowRecord& window : PlanAudit(job, state.NextWindowNumber(), from, to)) {
    records.push_back(std::move(window));
  }
  RETURN_IF_ERROR(core_.Commit(turn, std::move(records)));
  return JobView(core_, *state.FindJob(job.number()), turn.now);
}

absl::StatusOr<v1::Audit> AdminDesk::GetAudit(const v1::GetJobRequest& request) {
  const Core::Turn turn = core_.Enter();
  const State& state = core_.state();
  ASSIGN_OR_RETURN(const JobRecord* job, FindKind(state, request.number(), JobRecord::AUDIT));
  v1::Audit audit;
  *audit.mutable_job() = JobView(core_, *job, turn.now);
  for (uint64_t number : state.WindowsOf(job->number())) {
    const WindowRecord& window = *state.FindWindow(number);
    if (window.purpose() != WindowRecord::CONFIRM || window.part()) continue;
    if (window.state() != WindowRecord::DONE) continue;
    if (!window.has_counted()) {
      audit.set_uncounted(audit.uncounted() + 1);
      continue;
    }
    audit.set_counts(audit.counts() + 1);
    if (window.counted() == window.stored()) continue;
    v1::AuditCount& difference = *audit.add_differences();
    difference.set_endpoint(static_cast<v1::Endpoint>(window.endpoint()));
    if (window.has_from()) *difference.mutable_from() = window.from();
    if (window.has_to()) *difference.mutable_to() = window.to();
    difference.set_counted(window.counted());
    difference.set_stored(window.stored());
  }
  return audit;
}

}  // namespace penstock::coordinator
