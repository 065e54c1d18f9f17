// SPDX-License-Identifier: Apache-2.0
#include "coordinator/monitoring.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "coordinator/admin_views.h"
#include "coordinator/alarm_watch.h"
#include "coordinator/alarms.h"
#include "coordinator/coverage_view.h"
#include "coordinator/hands.h"
#include "coordinator/limits.h"
#include "coordinator/order_of_work.h"
#include "proto/convert.h"
#include "proto/gaps.h"

namespace penstock::coordinator {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using storage::WindowRecord;
using Labels = std::vector<ClientMetric::Label>;

// Families in the order of their first value.
class Families {
 public:
  void Gauge(const std::string& name, const std::string& help, Labels labels, double value) {
    Add(MetricType::Gauge, name, help, std::move(labels)).gauge.value = value;
  }
  void Counter(const std::string& name, const std::string& help, Labels labels, double value) {
    Add(MetricType::Counter, name, help, std::move(labels)).counter.value = value;
  }
  void Histogram(const std::string& name, const std::string& help, const Lateness& late) {
    ClientMetric::Histogram& histogram = Add(MetricType::Histogram, name, help, {}).histogram;
    histogram.sample_sum = late.seconds();
    for (size_t i = 0; i < late.counts().size(); ++i) {
      histogram.sample_count += late.counts()[i];
      const bool bounded = i < Lateness::kBounds.size();
      histogram.bucket.push_back(
          {histogram.sample_count, bounded ? Lateness::kBounds[i] : std::numeric_limits<double>::infinity()});
    }
  }
  std::vector<MetricFamily> Take() { return std::move(families_); }

 private:
  ClientMetric& Add(MetricType type, const std::string& name, const std::string& help, Labels labels) {
    auto family = std::find_if(families_.begin(), families_.end(),
                               [&](const MetricFamily& known) { return known.name == name; });
    if (family == families_.end()) {
      family = families_.insert(family, MetricFamily());
      family->name = name;
      family->help = help;
      family->type = type;
    }
    family->metric.emplace_back().label = std::move(labels);
    return family->metric.back();
  }

  std::vector<MetricFamily> families_;
};

// "DAY_SETTLED" -> "settled".
std::string Word(absl::string_view name, absl::string_view prefix) {
  return absl::AsciiStrToLower(absl::StripPrefix(name, prefix));
}

double Seconds(const google::protobuf::Timestamp& time) {
  return absl::ToDoubleSeconds(FromProto(time) - absl::UnixEpoch());
}

void TellBudget(Core& core, const storage::SourceRecord& source, const Moment& now, Families& families) {
  const Labels labels = {{"source", source.name()}};
  const v1::Budget budget = BudgetView(core, source.id(), now);
  families.Gauge("penstock_budget_limit_requests", "Requests allowed in any 60 s, as configured.", labels,
                 budget.limit());
  families.Gauge("penstock_budget_current_limit_requests",
                 "The same after refusals; it comes back in minutes.", labels, budget.current_limit());
  families.Gauge("penstock_budget_used_requests", "Of these, taken now.", labels, budget.used());
  families.Counter("penstock_permits_granted_total", "Permits granted, each for one request.", labels,
                   static_cast<double>(budget.permits()));
  families.Counter("penstock_source_refusals_total", "429s from the source.", labels,
                   static_cast<double>(budget.refusals()));
  families.Gauge("penstock_permits_waiting", "Requests that wait for a permit.", labels, budget.waiting());
  const absl::Duration pause = core.state().BudgetOf(source.id()).paused_until() - now.boot;
  families.Gauge("penstock_source_pause_seconds", "How long the source asked to wait, from now on.", labels,
                 absl::ToDoubleSeconds(std::max(pause, absl::ZeroDuration())));
  families.Gauge("penstock_source_blocked", "1: the source refuses the key; nothing is asked.", labels,
                 source.blocked().empty() ? 0 : 1);
  families.Gauge("penstock_source_blocked_endpoints", "Endpoints that the source refuses.", labels,
                 static_cast<double>(source.blocked_endpoints_size()));
  const uint32_t wanted = core.pace(source.id()).ChainsWanted(budget.current_limit());
  families.Gauge("penstock_fetch_capacity_wanted",
                 "Windows read at once that use the whole budget; 0: there is nothing to read.", labels,
                 OpenWorkOf(core.state(), source.id(), now.wall).IsAny() ? wanted : 0);
  families.Gauge("penstock_fetch_capacity", "Windows that the connected workers can read at once.", labels,
                 CapacityOf(core, source.id(), now));
}

struct Sums {
  std::map<WindowRecord::State, uint64_t> windows;
  std::map<int, storage::Counts> records;  // by endpoint
};
Sums SumsOf(const State& state, uint32_t source) {
  Sums sums;
  for (const auto& [number, window] : state.WindowsOfSource(source)) {
    ++sums.windows[window->state()];
    storage::Counts& counts = sums.records[window->endpoint()];
    counts.set_inserted(counts.inserted() + window->counts().inserted());
    counts.set_updated(counts.updated() + window->counts().updated());
    counts.set_identical(counts.identical() + window->counts().identical());
    counts.set_older(counts.older() + window->counts().older());
    counts.set_quarantined(counts.quarantined() + window->counts().quarantined());
  }
  return sums;
}

void TellWork(const State& state, const storage::SourceRecord& source, Families& families) {
  const Sums sums = SumsOf(state, source.id());
  for (const WindowRecord::State state :
       {WindowRecord::PENDING, WindowRecord::LEASED, WindowRecord::PARKED}) {
    const auto known = sums.windows.find(state);
    families.Gauge("penstock_windows", "Windows that are not done.",
                   {{"source", source.name()}, {"state", Word(WindowRecord::State_Name(state), "")}},
                   known == sums.windows.end() ? 0 : static_cast<double>(known->second));
  }
  for (const auto& [endpoint, counts] : sums.records) {
    const auto tell = [&, &endpoint = endpoint](const char* outcome, uint64_t records) {
      families.Counter("penstock_records_total", "Records fetched, by what became of them.",
                       {{"source", source.name()},
                        {"endpoint", std::string(Name(static_cast<Endpoint>(endpoint)))},
                        {"outcome", outcome}},
                       static_cast<double>(records));
    };
    tell("inserted", counts.inserted());
    tell("updated", counts.updated());
    tell("identical", counts.identical());
    tell("older", counts.older());
    tell("quarantined", counts.quarantined());
  }
  for (const auto& [endpoint, sync] : source.syncs()) {
    if (!sync.has_finished()) continue;
    families.Gauge(
        "penstock_sync_finished_timestamp_seconds", "When the last sync of the endpoint ended.",
        {{"source", source.name()}, {"endpoint", std::string(Name(static_cast<Endpoint>(endpoint)))}},
        Seconds(sync.finished()));
  }
}

void TellCoverage(const v1::GetCoverageResponse& coverage, const storage::SourceRecord& source,
                  const Moment& now, Families& families) {
  const absl::Duration retention = FromProto(coverage.retention());
  for (const v1::EndpointCoverage& endpoint : coverage.endpoints()) {
    const Labels labels = {{"source", source.name()},
                           {"endpoint", std::string(Name(FromProto(endpoint.endpoint())))}};
    families.Gauge("penstock_rows", "Rows in the store.", labels, static_cast<double>(endpoint.rows()));
    if (endpoint.endpoint() == v1::USERS) continue;
    std::map<v1::DayState, uint64_t> days;
    absl::Duration least = retention;
    absl::Time begins = FromProto(coverage.first_day());
    for (const v1::DayCoverage& day : endpoint.days()) {
      ++days[day.state()];
      const absl::Duration left = TimeLeft(begins, retention, now.wall);
      if (IsForgottenSoon(day, left, retention)) least = std::min(least, left);
      begins += absl::Hours(24);
    }
    for (int state = v1::DAY_MISSING; state <= v1::DAY_LOST; ++state) {
      Labels by_state = labels;
      by_state.push_back({"state", Word(v1::DayState_Name(static_cast<v1::DayState>(state)), "DAY_")});
      families.Gauge("penstock_coverage", "Days that the source still has, by their coverage.", by_state,
                     static_cast<double>(days[static_cast<v1::DayState>(state)]));
    }
    families.Gauge("penstock_forgotten_in_seconds",
                   "Until the source forgets the first day that is neither settled nor lost.", labels,
                   absl::ToDoubleSeconds(std::max(least, absl::ZeroDuration())));
  }
}

void TellAlarms(const std::vector<v1::Alarm>& alarms, const storage::SourceRecord& source,
                Families& families) {
  for (const char* name : kAlarmNames) {
    families.Gauge(
        "penstock_alarms", "Alarms that stand (penstock status), one per endpoint at most.",
        {{"source", source.name()}, {"alarm", name}},
        static_cast<double>(std::count_if(alarms.begin(), alarms.end(),
                                          [&](const v1::Alarm& alarm) { return alarm.name() == name; })));
  }
}

void TellBackups(const Core& core, const Moment& now, Families& families) {
  const BackupBook& book = core.backups();
  if (core.options().backup.directory.empty() || !book.listed) return;
  const store::Backup* newest = NewestOf(book, core.store().store_id());
  families.Gauge("penstock_backup_age_seconds",
                 "Since the newest backup of the store was begun; +Inf: there is none.", {},
                 newest == nullptr ? std::numeric_limits<double>::infinity()
                                   : absl::ToDoubleSeconds(now.wall - newest->taken));
  families.Gauge("penstock_backups", "Backups in the directory, of earlier stores and damaged ones too.", {},
                 static_cast<double>(book.backups.size()));
  families.Gauge("penstock_backup_bytes", "Size of the directory of backups.", {},
                 static_cast<double>(book.bytes));
  families.Gauge("penstock_backup_failed", "1: the last try to make one failed.", {},
                 book.run.state() == v1::BackupRun::FAILED ? 1 : 0);
}

double WorkersNow(Core& core, const Moment& now) {
  return static_cast<double>(
      std::count_if(core.workers().begin(), core.workers().end(),
                    [&](const auto& worker) { return worker.second.at >= now.boot - kHandsFor; }));
}

void TellDestinations(Core& core, const Moment& now, Families& families) {
  for (const auto& [name, source_name] : core.options().destinations) {
    const storage::SourceRecord* source = core.state().FindSource(source_name);
    if (source == nullptr) continue;
    const Labels labels = {{"source", source_name}, {"destination", name}};
    const v1::Destination view = DestinationView(core, name, *source, now);
    families.Gauge("penstock_destination_behind_changes", "Changes of the store that it does not hold yet.",
                   labels, static_cast<double>(view.behind()));
    families.Gauge("penstock_destination_failed", "1: the last try to load it failed.", labels,
                   view.failure().empty() ? 0 : 1);
    families.Gauge("penstock_destination_paused", "1: somebody paused it; nothing is loaded there.", labels,
                   view.has_pause() ? 1 : 0);
    families.Gauge("penstock_destination_set_aside_rows", "Rows that it refused.", labels,
                   static_cast<double>(view.set_aside()));
  }
}

}  // namespace

absl::StatusOr<std::vector<MetricFamily>> Monitoring(Core& core, const std::string& version) {
  Families families;
  {
    const Core::Turn turn = core.Enter();
    families.Gauge("penstock_build_info", "Always 1.", {{"version", version}}, 1);
    families.Gauge("penstock_workers", "Workers that were heard of lately.", {}, WorkersNow(core, turn.now));
    families.Histogram("penstock_permit_lateness_seconds",
                       "From the moment at which a permit could be given to the one at which it was.",
                       core.permit_lateness());
    TellDestinations(core, turn.now, families);
    TellBackups(core, turn.now, families);
  }
  // One that the configuration no longer names has no budget and no alarms.
  RETURN_IF_ERROR(
      core.VisitSources([&](const Core::Turn& turn, const storage::SourceRecord& source) -> absl::Status {
        TellBudget(core, source, turn.now, families);
        TellWork(core.state(), source, families);
        ASSIGN_OR_RETURN(const v1::GetCoverageResponse coverage, CoverageOfKept(core, turn, source));
        TellCoverage(coverage, source, turn.now, families);
        TellAlarms(AlarmsBy(coverage, core, turn, source), source, families);
        return absl::OkStatus();
      }));
  return families.Take();
}

}  // namespace penstock::coordinator
