// SPDX-License-Identifier: Apache-2.0
#include "base/schedule.h"

#include <array>
#include <optional>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "base/status_macros.h"

namespace penstock {
namespace {

// 29 February comes after eight years at the latest.
constexpr int kDaysAhead = 366 * 9;

struct Field {
  const char* name;
  int first;
  int last;
  const char* names;  // of the values from `first` on; empty: numbers only
};
constexpr std::array<Field, 5> kFields = {
    {{"minute", 0, 59, ""},
     {"hour", 0, 23, ""},
     {"day of month", 1, 31, ""},
     {"month", 1, 12, "jan feb mar apr may jun jul aug sep oct nov dec"},
     {"day of week", 0, 7, "sun mon tue wed thu fri sat"}}};

absl::Status Bad(absl::string_view word, const Field& field) {
  return absl::InvalidArgumentError(absl::StrCat("'", word, "' is no ", field.name, "; write *, or ",
                                                 field.first, " to ", field.last,
                                                 ", with lists (1,2), ranges (1-5) and steps (*/2)"));
}

std::optional<int> ValueOf(absl::string_view word, const Field& field) {
  const std::vector<std::string> names = absl::StrSplit(field.names, ' ', absl::SkipEmpty());
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] == absl::AsciiStrToLower(word)) return field.first + static_cast<int>(i);
  }
  int value = 0;
  const bool digits = !word.empty() && absl::ascii_isdigit(word[0]);
  if (!digits || !absl::SimpleAtoi(word, &value) || value < field.first || value > field.last)
    return std::nullopt;
  return value;
}

// One word between commas: `*`, 5, 1-5, each with an optional /step. A lone number with a step runs to the end.
template <size_t kSize>
bool AddWord(absl::string_view word, const Field& field, std::bitset<kSize>& set) {
  const std::vector<absl::string_view> parts = absl::StrSplit(word, '/');
  int step = 1;
  if (parts.size() > 2) return false;
  if (parts.size() == 2 && (!absl::SimpleAtoi(parts[1], &step) || step < 1)) return false;
  int first = field.first;
  int last = field.last;
  if (parts[0] != "*") {
    const std::vector<absl::string_view> ends = absl::StrSplit(parts[0], '-');
    if (ends.size() > 2) return false;
    const std::optional<int> from = ValueOf(ends[0], field);
    const std::optional<int> to = ends.size() == 2 ? ValueOf(ends[1], field) : from;
    if (!from.has_value() || !to.has_value() || *from > *to) return false;
    first = *from;
    last = ends.size() == 1 && parts.size() == 2 ? field.last : *to;
  }
  for (int value = first; value <= last; value += step) set.set(static_cast<size_t>(value) % kSize);
  return true;
}

template <size_t kSize>
absl::Status Read(absl::string_view text, const Field& field, std::bitset<kSize>& set) {
  for (absl::string_view word : absl::StrSplit(text, ',')) {
    if (!AddWord(word, field, set)) return Bad(text, field);
  }
  return absl::OkStatus();
}

// absl reads files for names that look like paths.
bool IsZoneName(absl::string_view name) {
  for (char c : name) {
    if (!absl::ascii_isalnum(c) && c != '_' && c != '-' && c != '+' && c != '/') return false;
  }
  return !name.empty() && name[0] != '/' && name != "localtime";
}

}  // namespace

absl::StatusOr<Schedule> Schedule::Parse(absl::string_view cron, absl::string_view time_zone) {
  Schedule schedule;
  const std::vector<std::string> words = absl::StrSplit(cron, absl::ByAnyChar(" \t"), absl::SkipEmpty());
  if (words.size() != kFields.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", cron, "' has ", words.size(),
                     " words; a schedule has five: minute hour day-of-month month day-of-week, for example "
                     "0 7 * * *"));
  }
  RETURN_IF_ERROR(Read(words[0], kFields[0], schedule.minutes_));
  RETURN_IF_ERROR(Read(words[1], kFields[1], schedule.hours_));
  RETURN_IF_ERROR(Read(words[2], kFields[2], schedule.days_));
  RETURN_IF_ERROR(Read(words[3], kFields[3], schedule.months_));
  RETURN_IF_ERROR(Read(words[4], kFields[4], schedule.weekdays_));
  schedule.any_day_ = words[2][0] == '*';
  schedule.any_weekday_ = words[4][0] == '*';
  schedule.cron_ = absl::StrJoin(words, " ");
  schedule.time_zone_ = std::string(time_zone);
  if (!IsZoneName(time_zone) || !absl::LoadTimeZone(schedule.time_zone_, &schedule.zone_)) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", time_zone,
                     "' is no time zone known here; write a name such as UTC or "
                     "Europe/Berlin (Debian's package tzdata has them)"));
  }
  if (schedule.Next(absl::UnixEpoch()) == absl::InfiniteFuture()) {
    return absl::InvalidArgumentError(absl::StrCat("'", cron, "' never comes: no month has such a day"));
  }
  return schedule;
}

bool Schedule::HasDay(absl::CivilDay day) const {
  if (!months_[static_cast<size_t>(day.month())]) return false;
  // absl counts weekdays from Monday.
  const size_t weekday = (static_cast<size_t>(absl::GetWeekday(day)) + 1) % 7;
  const bool by_day = days_[static_cast<size_t>(day.day())];
  if (any_day_ || any_weekday_) return by_day && weekdays_[weekday];
  return by_day || weekdays_[weekday];
}

absl::Time Schedule::Next(absl::Time after) const {
  absl::CivilDay day = absl::ToCivilDay(after, zone_) - 1;
  for (const absl::CivilDay end = day + kDaysAhead; day < end; ++day) {
    if (!HasDay(day)) continue;
    for (int hour = 0; hour < 24; ++hour) {
      if (!hours_[static_cast<size_t>(hour)]) continue;
      for (int minute = 0; minute < 60; ++minute) {
        if (!minutes_[static_cast<size_t>(minute)]) continue;
        const absl::TimeZone::TimeInfo local =
            zone_.At(absl::CivilSecond(day.year(), day.month(), day.day(), hour, minute, 0));
        const absl::Time time = local.kind == absl::TimeZone::TimeInfo::SKIPPED ? local.trans : local.pre;
        if (time > after) return time;
      }
    }
  }
  return absl::InfiniteFuture();
}

}  // namespace penstock
