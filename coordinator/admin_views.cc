// SPDX-License-Identifier: Apache-2.0
#include "coordinator/admin_views.h"

#include "absl/strings/ascii.h"
#include "coordinator/hands.h"
#include "coordinator/load_desk.h"
#include "coordinator/progress.h"
#include "proto/convert.h"

namespace penstock::coordinator {
namespace {

using storage::JobRecord;
using storage::WindowRecord;

void Add(const storage::Counts& counts, v1::PageCounts& sum) {
  sum.set_fetched(sum.fetched() + counts.fetched());
  sum.set_inserted(sum.inserted() + counts.inserted());
  sum.set_updated(sum.updated() + counts.updated());
  sum.set_identical(sum.identical() + counts.identical());
  sum.set_older(sum.older() + counts.older());
  sum.set_quarantined(sum.quarantined() + counts.quarantined());
}

}  // namespace

v1::Job JobView(Core& core, const JobRecord& job, const Moment& now) {
  const State& state = core.state();
  v1::Job view;
  view.set_number(job.number());
  view.set_source(state.sources().at(job.source()).name());
  view.set_kind(absl::AsciiStrToLower(JobRecord::Kind_Name(job.kind())));
  view.set_state(static_cast<v1::JobState>(job.state()));
  for (int endpoint : job.endpoints()) view.add_endpoints(static_cast<v1::Endpoint>(endpoint));
  if (job.has_from()) *view.mutable_from() = job.from();
  if (job.has_to()) *view.mutable_to() = job.to();
  *view.mutable_created() = job.created();
  if (job.has_finished()) *view.mutable_finished() = job.finished();
  std::vector<const WindowRecord*> windows;
  for (uint64_t number : state.WindowsOf(job.number())) {
    const WindowRecord& window = *state.FindWindow(number);
    windows.push_back(&window);
    view.set_windows(view.windows() + 1);
    if (window.state() == WindowRecord::DONE) view.set_done_windows(view.done_windows() + 1);
    if (window.state() == WindowRecord::PARKED) view.set_parked_windows(view.parked_windows() + 1);
    if (window.state() == WindowRecord::LEASED) view.set_running_windows(view.running_windows() + 1);
    view.set_pages(view.pages() + window.pages());
    Add(window.counts(), *view.mutable_counts());
  }
  const Progress progress = Measure(state, job, windows, now.wall);
  const bool over = job.state() == JobRecord::DONE || job.state() == JobRecord::CANCELLED;
  view.set_requests(progress.spent);
  view.set_priority(job.priority());
  view.set_progress(job.state() == JobRecord::DONE ? 1.0 : progress.Fraction());
  if (!over && progress.sized && state.SettingsOf(job.source()) != nullptr) {
    const absl::Duration each =
        state.PaceOf(job.source())
            .PerRequest(state.BudgetOf(job.source()).CurrentLimit(now), CapacityOf(core, job.source(), now));
    *view.mutable_time_left() = ToProto(each * static_cast<int64_t>(progress.left));
  }
  return view;
}

v1::Window WindowView(const WindowRecord& window) {
  v1::Window view;
  view.set_number(window.number());
  view.set_job(window.job());
  view.set_endpoint(static_cast<v1::Endpoint>(window.endpoint()));
  view.set_axis(static_cast<v1::WindowAxis>(window.axis()));
  view.set_state(static_cast<v1::WindowState>(window.state()));
  if (window.has_from()) *view.mutable_from() = window.from();
  if (window.has_to()) *view.mutable_to() = window.to();
  view.set_worker(window.worker());
  view.set_chain(window.chain());
  view.set_pages(window.pages());
  Add(window.counts(), *view.mutable_counts());
  view.set_reason(window.reason());
  view.set_closing(window.purpose() == WindowRecord::CLOSING);
  view.set_purpose(absl::AsciiStrToLower(WindowRecord::Purpose_Name(window.purpose())));
  if (window.has_counted()) view.set_counted(window.counted());
  view.set_stored(window.stored());
  return view;
}

v1::Budget BudgetView(Core& core, uint32_t source, const Moment& now) {
  v1::Budget view;
  const Budget& budget = core.state().BudgetOf(source);
  view.set_limit(budget.limits().per_minute);
  view.set_current_limit(budget.CurrentLimit(now));
  view.set_used(budget.Used(now));
  view.set_users_limit(budget.limits().users_per_minute);
  view.set_users_used(budget.UsersUsed(now));
  view.set_permits(budget.GrantedEver());
  view.set_refusals(budget.record().refusals());
  if (budget.paused_until() > now.boot) {
    *view.mutable_paused_until() = ToProto(now.wall + (budget.paused_until() - now.boot));
  }
  view.set_waiting(static_cast<uint32_t>(core.desk().Waiting(source).size()));
  view.set_granted_last_minute(budget.GrantedLastMinute(now));
  return view;
}

v1::Destination DestinationView(Core& core, const std::string& name, const storage::SourceRecord& source,
                                const Moment& now) {
  v1::Destination view;
  view.set_name(name);
  view.set_source(source.name());
  const Lease* lease = core.leases().FindLoad(source.id(), name);
  view.set_loading(lease != nullptr || LacksCoverage(core, source, name));
  if (lease != nullptr) {
    view.set_worker(lease->worker);
    view.set_work(lease->kind == v1::VERIFY ? "verify" : lease->kind == v1::RESYNC ? "resync" : "load");
  }
  const auto interval = core.options().load_intervals.find(name);
  if (interval != core.options().load_intervals.end()) *view.mutable_interval() = ToProto(interval->second);
  view.set_behind(source.last_change());
  const storage::LoadRecord* load = core.state().FindLoad(source.id(), name);
  if (load == nullptr) return view;
  view.set_loaded(load->loaded());
  view.set_behind(source.last_change() - std::min(load->loaded(), source.last_change()));
  view.set_failure(load->failure());
  view.set_failure_kind(static_cast<v1::LoadFailure::Kind>(load->failure_kind()));
  view.set_rows(load->rows());
  view.set_irregular(load->irregular());
  view.set_set_aside(load->set_aside());
  *view.mutable_set_aside_rows() = load->set_aside_rows();
  *view.mutable_last_report() = load->last_report();
  view.set_checked(core.load_try(source.id(), name).checked);
  view.set_tried(core.load_try(source.id(), name).tried);
  view.set_resync(load->resync());
  if (load->has_pause()) {
    view.mutable_pause()->set_by(load->pause().by());
    view.mutable_pause()->set_reason(load->pause().reason());
    *view.mutable_pause()->mutable_since() = load->pause().since();
  }
  if (load->has_failing_since()) *view.mutable_failing_since() = load->failing_since();
  const absl::Duration wait = core.load_try(source.id(), name).next_try - now.boot;
  if (!load->failure().empty() && wait > absl::ZeroDuration()) {
    *view.mutable_next_try() = ToProto(now.wall + wait);
  }
  return view;
}

v1::Worker WorkerView(Core& core, const std::string& id, const WorkerSeen& seen, const Moment& now) {
  v1::Worker view;
  view.set_id(id);
  view.set_version(seen.request.version());
  view.set_fetch_capacity(seen.request.fetch_capacity());
  view.set_load_capacity(seen.request.load_capacity());
  view.set_query_capacity(seen.request.query_capacity());
  view.set_draining(seen.request.draining());
  *view.mutable_last_sync_ago() = ToProto(now.boot - seen.at);
  for (const Lease& lease : core.leases().OfWorker(id)) {
    if (lease.window != 0) view.add_windows(lease.window);
    if (lease.window == 0) view.add_loads(lease.destination);
  }
  for (std::string& query : core.queries().OfWorker(id)) view.add_queries(std::move(query));
  return view;
}

}  // namespace penstock::coordinator
