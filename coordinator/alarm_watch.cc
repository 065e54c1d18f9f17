// SPDX-License-Identifier: Apache-2.0
#include "coordinator/alarm_watch.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/instant.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "coordinator/alarms.h"
#include "coordinator/coverage_view.h"
#include "coordinator/limits.h"
#include "coordinator/page_decider.h"
#include "coordinator/window_state.h"
#include "proto/convert.h"

namespace penstock::coordinator {
namespace {

using storage::JobRecord;
using storage::WindowRecord;

// A window whose first page brings the newest that there is.
bool AsksForNewest(const WindowRecord& window) {
  return !IsCount(window) && !window.has_to() && window.has_begun();
}

std::map<int, absl::Time> LastAsked(const State& state, uint32_t source) {
  std::map<int, absl::Time> asked;
  for (const auto& [number, window] : state.WindowsOfSource(source)) {
    if (!AsksForNewest(*window)) continue;
    const absl::Time begun = FromProto(window->begun());
    const auto [known, fresh] = asked.try_emplace(window->endpoint(), begun);
    known->second = std::max(known->second, begun);
  }
  return asked;
}

std::vector<BeingRead> Reading(const State& state, const storage::SourceRecord& source) {
  std::vector<BeingRead> reading;
  for (const auto& [number, job] : state.JobsOfSource(source.id())) {
    const bool runs = job->state() == JobRecord::RUNNING && job->kind() == JobRecord::BACKFILL;
    if (!runs || !source.blocked().empty()) continue;
    for (int endpoint : job->endpoints()) {
      if (source.blocked_endpoints().contains(endpoint)) continue;
      reading.push_back({endpoint, OptionalTime(job->has_from(), job->from()),
                         OptionalTime(job->has_to(), job->to()), number, FromProto(job->created())});
    }
  }
  return reading;
}

std::optional<BackupsKnown> BackupsOf(const Core& core) {
  const BackupSettings& settings = core.options().backup;
  const BackupBook& book = core.backups();
  if (settings.directory.empty() || (!book.listed && book.trouble.empty())) return std::nullopt;
  BackupsKnown known{settings.max_age, std::nullopt, book.listed ? book.run.failure() : book.trouble};
  if (const store::Backup* newest = NewestOf(book, core.store().store_id())) known.newest = newest->taken;
  return known;
}

}  // namespace

absl::StatusOr<std::vector<v1::Alarm>> AlarmsOf(const Core& core, const Core::Turn& turn,
                                                const storage::SourceRecord& source) {
  if (core.state().SettingsOf(source.id()) == nullptr) return std::vector<v1::Alarm>();
  ASSIGN_OR_RETURN(const v1::GetCoverageResponse coverage, CoverageOfKept(core, turn, source));
  return AlarmsBy(coverage, core, turn, source);
}

std::vector<v1::Alarm> AlarmsBy(const v1::GetCoverageResponse& coverage, const Core& core,
                                const Core::Turn& turn, const storage::SourceRecord& source) {
  const State& state = core.state();
  const SourceSettings* settings = state.SettingsOf(source.id());
  CHECK(settings != nullptr);
  AlarmInput input;
  input.settings = settings->alarms;
  input.now = turn.now.wall;
  input.coverage = coverage;
  input.being_read = Reading(state, source);
  input.source = source;
  input.asked = LastAsked(state, source.id());
  input.budget = state.BudgetOf(source.id()).record();
  input.per_minute = settings->budget.per_minute;
  for (const auto& [key, erasure] : state.erasures()) {
    if (key.first == source.id() && !erasure.has_finished()) input.unfinished.push_back(erasure);
  }
  input.backups = BackupsOf(core);
  return Alarms(input);
}

absl::StatusOr<std::vector<AlarmWatch::Change>> AlarmWatch::Look(Core& core) {
  std::vector<Change> changes;
  const absl::Duration begun = core.Enter().now.boot;
  if (begun < next_) return changes;
  std::map<Key, v1::Alarm> now;
  RETURN_IF_ERROR(
      core.VisitSources([&](const Core::Turn& turn, const storage::SourceRecord& source) -> absl::Status {
        ASSIGN_OR_RETURN(const std::vector<v1::Alarm> alarms, AlarmsOf(core, turn, source));
        for (const v1::Alarm& alarm : alarms) now[{source.name(), alarm.name(), alarm.endpoint()}] = alarm;
        return absl::OkStatus();
      }));
  for (const auto& [key, alarm] : now) {
    if (!standing_.contains(key)) changes.push_back({std::get<0>(key), alarm, true});
  }
  for (const auto& [key, alarm] : standing_) {
    if (!now.contains(key)) changes.push_back({std::get<0>(key), alarm, false});
  }
  standing_ = std::move(now);
  next_ = begun + kWatchAlarmsEvery;
  return changes;
}

void LogAlarms(const std::vector<AlarmWatch::Change>& changes) {
  for (const AlarmWatch::Change& change : changes) {
    LogFields fields = {{"source", change.source}, {"since", FormatMinute(FromProto(change.alarm.since()))}};
    if (IsEndpoint(change.alarm.endpoint())) {
      fields.push_back({"endpoint", std::string(Name(FromProto(change.alarm.endpoint())))});
    }
    if (change.begins && !change.alarm.next_step().empty()) {
      fields.push_back({"next", absl::StrCat("penstock ", change.alarm.next_step())});
    }
    Log(change.begins ? LogLevel::kError : LogLevel::kInfo,
        absl::StrCat(change.begins ? "ALARM " : "the alarm is over: ", change.alarm.name(), ": ",
                     change.alarm.text()),
        fields);
  }
}

}  // namespace penstock::coordinator
