// SPDX-License-Identifier: Apache-2.0
#include "coordinator/alarms.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/ids.h"
#include "base/instant.h"
#include "base/status_macros.h"
#include "coordinator/first_seen.h"
#include "coordinator/limits.h"
#include "proto/convert.h"
#include "proto/gaps.h"

namespace penstock::coordinator {
namespace {

constexpr size_t kFieldsNamed = 3;

v1::Alarm Make(absl::string_view name, int endpoint, std::string text, std::string next_step,
               absl::Time since) {
  // One that is not listed would stand in no metric.
  CHECK(std::find(std::begin(kAlarmNames), std::end(kAlarmNames), name) != std::end(kAlarmNames));
  v1::Alarm alarm;
  alarm.set_name(std::string(name));
  alarm.set_endpoint(static_cast<v1::Endpoint>(endpoint));
  alarm.set_text(std::move(text));
  alarm.set_next_step(std::move(next_step));
  *alarm.mutable_since() = ToProto(since);
  return alarm;
}

// "41 h", "5 days": as precise as an alarm needs it.
std::string RoughSpan(absl::Duration span) {
  if (span < absl::Hours(48)) return absl::StrCat(absl::ToInt64Hours(span), " h");
  return absl::StrCat(absl::ToInt64Hours(span) / 24, " days");
}

// The running backfill whose range the days touch; null: none.
const BeingRead* ReaderOf(const AlarmInput& input, int endpoint, absl::Time from, absl::Time to) {
  for (const BeingRead& job : input.being_read) {
    const bool touches = job.endpoint == endpoint && (!job.from.has_value() || *job.from < to) &&
                         (!job.to.has_value() || *job.to > from);
    if (touches) return &job;
  }
  return nullptr;
}

void AddForgottenSoon(const AlarmInput& input, std::vector<v1::Alarm>& alarms) {
  if (!input.source.has_first_contact()) return;
  const absl::Duration retention = FromProto(input.coverage.retention());
  const absl::Duration within = input.settings.forgotten_within;
  for (const v1::EndpointCoverage& endpoint : input.coverage.endpoints()) {
    v1::GetCoverageResponse alone;
    *alone.mutable_first_day() = input.coverage.first_day();
    *alone.add_endpoints() = endpoint;
    const std::vector<Gap> gaps = FindGaps(alone, [&](const v1::DayCoverage& day, absl::Time begins) {
      const BeingRead* reader = ReaderOf(input, endpoint.endpoint(), begins, begins + absl::Hours(24));
      const bool under_way = reader != nullptr && reader->since + kBackfillMayTake > input.now;
      return !under_way && IsForgottenSoon(day, TimeLeft(begins, retention, input.now), within);
    });
    if (gaps.empty()) continue;
    const Gap& first = gaps.front();
    std::string text = GapWords(first, retention, input.now);
    if (gaps.size() > 1) {
      absl::Duration more;
      for (const Gap& gap : gaps) more += gap.to - gap.from;
      more -= first.to - first.from;
      absl::StrAppend(&text, " And ", absl::ToInt64Hours(more) / 24,
                      " of the days after: `penstock coverage`.");
    }
    const BeingRead* reader = ReaderOf(input, endpoint.endpoint(), first.from, first.to);
    if (reader != nullptr) {
      absl::StrAppend(&text, " ", JobName(reader->job), " has tried to read it since ",
                      FormatMinute(reader->since), " UTC.");
    }
    const absl::Time since =
        std::max(first.from + retention - within, FromProto(input.source.first_contact()));
    alarms.push_back(Make(
        "forgotten-soon", endpoint.endpoint(), std::move(text),
        reader != nullptr ? absl::StrCat("jobs show ", JobName(reader->job)) : GapCommand(first), since));
  }
}

void AddNoBatch(const AlarmInput& input, std::vector<v1::Alarm>& alarms) {
  const absl::Duration within = input.settings.no_batch_within;
  for (const auto& [endpoint, asked] : input.asked) {
    if (input.now - asked >= within) {
      alarms.push_back(Make("no-batch", endpoint,
                            absl::StrCat("Nothing has asked for newer records since ", FormatMinute(asked),
                                         " UTC, ", RoughSpan(input.now - asked),
                                         " ago. Is the sync's schedule on, and does a worker run?"),
                            "sync status", asked + within));
      continue;
    }
    // Users change one by one, and perhaps none in a week: their silence says nothing.
    if (endpoint == static_cast<int>(Endpoint::kUsers)) continue;
    const auto seen = input.source.seen().find(endpoint);
    if (seen == input.source.seen().end() || !seen->second.has_newest_stamp()) continue;
    const absl::Time newest = FromProto(seen->second.newest_stamp());
    if (asked - newest < within) continue;
    alarms.push_back(
        Make("no-batch", endpoint,
             absl::StrCat("The source has published nothing since ", FormatMinute(newest), " UTC (asked ",
                          FormatMinute(asked), "). Ask the vendor whether its export is late."),
             "", newest + within));
  }
}

void AddNewFields(const AlarmInput& input, std::vector<v1::Alarm>& alarms) {
  std::map<int, storage::EndpointSeen> by_endpoint(input.source.seen().begin(), input.source.seen().end());
  for (const auto& [endpoint, seen] : by_endpoint) {
    std::vector<std::string> words;
    absl::Time since = input.now;
    bool no_column = false;
    bool misfit = false;
    for (const storage::SeenField& field : seen.fields()) {
      const absl::Time first_seen = FromProto(field.first_seen());
      if (first_seen + kNewFieldStands <= input.now) continue;
      since = std::min(since, first_seen);
      (field.column().empty() ? no_column : misfit) = true;
      words.push_back(absl::StrCat(SeenWords(field), ", on ", FormatDay(first_seen)));
    }
    if (words.empty()) continue;
    const size_t more = words.size() - std::min(words.size(), kFieldsNamed);
    words.resize(words.size() - more);
    std::string text = absl::StrCat("First seen: ", absl::StrJoin(words, "; "));
    if (more > 0) absl::StrAppend(&text, "; and ", more, " more");
    absl::StrAppend(&text, ".");
    if (no_column) absl::StrAppend(&text, " What no column takes is kept in EXTRA.");
    if (misfit)
      absl::StrAppend(&text,
                      " A column is NULL where the type does not fit; the store keeps the record whole.");
    alarms.push_back(Make("new-field", endpoint, std::move(text),
                          absl::StrCat("rows export --endpoint ", Name(static_cast<Endpoint>(endpoint))),
                          since));
  }
}

void AddKeyShared(const AlarmInput& input, std::vector<v1::Alarm>& alarms) {
  if (!input.budget.has_last_429()) return;
  const absl::Time refused = FromProto(input.budget.last_429());
  if (refused + kKeySharedStands <= input.now) return;
  alarms.push_back(
      Make("key-shared", 0,
           absl::StrCat("The source refused a request (429) at ", FormatMinute(refused),
                        " UTC, although at most ", input.per_minute,
                        " a minute were sent: somebody else uses the key, or its limit is lower. Find the "
                        "other client, or lower budget.per_minute."),
           "budget show", refused));
}

void AddNotErased(const AlarmInput& input, std::vector<v1::Alarm>& alarms) {
  size_t late = 0;
  for (const storage::ErasureRecord& erasure : input.unfinished)
    late += FromProto(erasure.requested()) + kErasureMayTake <= input.now;
  if (late == 0) return;
  // Numbers follow the time: the first one is late.
  const absl::Time requested = FromProto(input.unfinished.front().requested());
  alarms.push_back(Make(
      "not-erased", 0,
      absl::StrCat("A person who was to be forgotten on ", FormatDay(requested),
                   " is not erased everywhere yet",
                   late > 1 ? absl::StrCat(", nor are others asked for later (", late - 1, ")") : "", "."),
      "forget --list", requested + kErasureMayTake));
}

void AddBackupOld(const AlarmInput& input, std::vector<v1::Alarm>& alarms) {
  if (!input.backups.has_value() || !input.source.has_first_contact()) return;
  const BackupsKnown& known = *input.backups;
  const absl::Time since = known.newest.value_or(FromProto(input.source.first_contact()));
  if (input.now - since < known.max_age) return;
  std::string text = known.newest.has_value() ? absl::StrCat("The newest backup is of ", FormatMinute(since),
                                                             " UTC, ", RoughSpan(input.now - since), " old.")
                                              : "No backup of this store is known.";
  if (!known.failure.empty()) absl::StrAppend(&text, " The last try: ", known.failure, ".");
  alarms.push_back(Make("backup-old", 0, std::move(text), "backup", since + known.max_age));
}

}  // namespace

std::vector<v1::Alarm> Alarms(const AlarmInput& input) {
  std::vector<v1::Alarm> alarms;
  AddForgottenSoon(input, alarms);
  AddNoBatch(input, alarms);
  AddNewFields(input, alarms);
  AddKeyShared(input, alarms);
  AddNotErased(input, alarms);
  AddBackupOld(input, alarms);
  return alarms;
}

}  // namespace penstock::coordinator
