// SPDX-License-Identifier: Apache-2.0
#include "metrics/frame.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/civil_time.h"
#include "base/instant.h"
#include "base/nearest_word.h"
#include "base/status_macros.h"

namespace penstock::metrics {
namespace {

constexpr int64_t kDayMs = 86'400'000;

std::string Text(absl::CivilDay day) { return absl::FormatCivilTime(day); }

absl::CivilDay Monday(absl::CivilDay day) { return absl::PrevWeekday(day + 1, absl::Weekday::monday); }

absl::StatusOr<absl::Time> Bound(absl::string_view text, absl::string_view flag, const absl::TimeZone& zone) {
  absl::CivilDay day;
  if (text.size() == 10 && absl::ParseCivilTime(text, &day) && Text(day) == text)
    return absl::FromCivil(day, zone);
  const absl::StatusOr<absl::Time> instant = ParseDate(text);
  if (instant.ok() && text.size() > 10) return *instant;
  return absl::InvalidArgumentError(absl::StrCat("--", flag, " '", text,
                                                 "' is no day; write YYYY-MM-DD, or a time such as "
                                                 "2026-03-18T06:02:00Z"));
}

std::string PeriodOf(absl::CivilDay day, By by) {
  switch (by) {
    case By::kTotal:
      return kTotal;
    case By::kDay:
      return Text(day);
    case By::kWeek:
      return Text(Monday(day));
    case By::kMonth:
      return Text(absl::CivilDay(day.year(), day.month(), 1));
  }
  CHECK(false);
}

void AddPeriod(const FrameDay& day, std::vector<Period>* periods) {
  if (periods->empty() || periods->back().name != day.period) {
    periods->push_back({day.period, day.from_ms, day.to_ms});
  } else {
    periods->back().to_ms = day.to_ms;
  }
}

}  // namespace

absl::StatusOr<By> ParseBy(absl::string_view text) {
  if (text.empty() || text == kTotal) return By::kTotal;
  if (text == "day") return By::kDay;
  if (text == "week") return By::kWeek;
  if (text == "month") return By::kMonth;
  return absl::InvalidArgumentError(absl::StrCat("--by '", text, "' is none of day, week, month, total",
                                                 DidYouMean(text, {"day", "week", "month", "total"})));
}

absl::StatusOr<absl::TimeZone> FindZone(absl::string_view name) {
  absl::TimeZone zone;
  if (!name.empty() && absl::LoadTimeZone(name, &zone)) return zone;
  const std::vector<std::string> common = {
      "UTC",           "Europe/Berlin",    "Europe/London",     "America/New_York",
      "Asia/Kolkata",  "America/Chicago",  "America/Sao_Paulo", "Asia/Tokyo",
      "Europe/Madrid", "Australia/Sydney", "Asia/Singapore",    "America/Los_Angeles"};
  return absl::InvalidArgumentError(
      absl::StrCat("'", name, "' is no time zone", DidYouMean(name, common),
                   "; write a name such as UTC, Europe/Berlin or America/New_York"));
}

absl::StatusOr<Frame> MakeFrame(absl::string_view from, absl::string_view to, absl::string_view zone_name,
                                By by) {
  ASSIGN_OR_RETURN(const absl::TimeZone zone, FindZone(zone_name));
  Frame frame;
  frame.zone = std::string(zone_name);
  frame.by = by;
  ASSIGN_OR_RETURN(frame.from, Bound(from, "from", zone));
  ASSIGN_OR_RETURN(frame.to, Bound(to, "to", zone));
  if (frame.from >= frame.to) {
    return absl::InvalidArgumentError(
        absl::StrCat("--to ", to, " is not after --from ", from, "; --to itself is not part of the time"));
  }
  if (frame.to - frame.from > absl::Hours(24 * kMaxFrameDays)) {
    return absl::InvalidArgumentError("the time is longer than ten years; choose a later --from");
  }
  if (frame.from < absl::UnixEpoch()) return absl::InvalidArgumentError("--from lies before 1970");
  const int64_t begin = absl::ToUnixMillis(frame.from);
  const int64_t end = absl::ToUnixMillis(frame.to);
  for (absl::CivilDay day = absl::ToCivilDay(frame.from, zone); absl::FromCivil(day, zone) < frame.to;
       ++day) {
    const int64_t opens = std::max(begin, absl::ToUnixMillis(absl::FromCivil(day, zone)));
    const int64_t closes = std::min(end, absl::ToUnixMillis(absl::FromCivil(day + 1, zone)));
    // A day that a zone skipped whole (Samoa, 2011-12-30).
    if (opens >= closes) continue;
    frame.days.push_back({Text(day), Text(Monday(day)), PeriodOf(day, by), opens, closes});
    if (by != By::kTotal) AddPeriod(frame.days.back(), &frame.periods);
  }
  frame.periods.push_back({kTotal, begin, end});
  return frame;
}

std::vector<Relation> FrameRelations(const Frame& frame) {
  std::vector<std::string> days;
  for (const FrameDay& day : frame.days) {
    for (int64_t utc = day.from_ms / kDayMs; utc * kDayMs < day.to_ms; ++utc) {
      const auto row = [&](absl::string_view period) {
        return absl::StrCat(utc, ", '", day.date, "', '", day.week, "', '", period, "', ", day.from_ms, ", ",
                            day.to_ms);
      };
      days.push_back(row(kTotal));
      if (day.period != kTotal) days.push_back(row(day.period));
    }
  }
  std::vector<std::string> spans;
  for (const Period& period : frame.periods) {
    spans.push_back(absl::StrCat("'", period.name, "', ", period.from_ms, ", ", period.to_ms));
  }
  const auto values = [](const std::vector<std::string>& rows) {
    return absl::StrCat("SELECT * FROM (VALUES\n  (", absl::StrJoin(rows, "),\n  ("), ")) AS listed");
  };
  return {{"frame(utc_day, local_day, local_week, period, from_ms, to_ms)", values(days)},
          {"span(period, from_ms, to_ms)", values(spans)}};
}

}  // namespace penstock::metrics
