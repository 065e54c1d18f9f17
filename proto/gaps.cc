// SPDX-License-Identifier: Apache-2.0
#include "proto/gaps.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/civil_time.h"
#include "base/instant.h"
#include "proto/convert.h"

namespace penstock {
namespace {

// "5 to 6 March", "28 February to 2 March".
std::string DayWords(absl::Time from, absl::Time to) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  const absl::CivilDay first = absl::ToCivilDay(from, utc);
  const absl::CivilDay last = absl::ToCivilDay(to, utc) - 1;
  const auto month = [&](absl::CivilDay day) {
    return absl::FormatTime("%B", absl::FromCivil(day, utc), utc);
  };
  const std::string end = absl::StrCat(last.day(), " ", month(last));
  if (first == last) return end;
  if (absl::CivilMonth(first) == absl::CivilMonth(last)) return absl::StrCat(first.day(), " to ", end);
  return absl::StrCat(first.day(), " ", month(first), " to ", end);
}

}  // namespace

absl::Duration TimeLeft(absl::Time day, absl::Duration retention, absl::Time now) {
  return day + retention - now;
}

std::vector<Gap> FindGaps(const v1::GetCoverageResponse& coverage, const LacksDay& lacks) {
  int days = 0;
  for (const v1::EndpointCoverage& endpoint : coverage.endpoints())
    days = std::max(days, endpoint.days_size());
  std::vector<Gap> gaps;
  for (int i = 0; i < days; ++i) {
    const absl::Time day = FromProto(coverage.first_day()) + i * absl::Hours(24);
    std::vector<v1::Endpoint> lacking;
    for (const v1::EndpointCoverage& endpoint : coverage.endpoints()) {
      if (i < endpoint.days_size() && lacks(endpoint.days(i), day)) lacking.push_back(endpoint.endpoint());
    }
    if (lacking.empty()) continue;
    if (!gaps.empty() && gaps.back().to == day && gaps.back().endpoints == lacking) {
      gaps.back().to = day + absl::Hours(24);
    } else {
      gaps.push_back({day, day + absl::Hours(24), lacking});
    }
  }
  return gaps;
}

std::vector<Gap> FindGaps(const v1::GetCoverageResponse& coverage) {
  std::vector<Gap> gaps = FindGaps(
      coverage, [](const v1::DayCoverage& day, absl::Time) { return day.state() == v1::DAY_MISSING; });
  const absl::Time first = FromProto(coverage.first_day());
  for (const v1::EndpointCoverage& endpoint : coverage.endpoints()) {
    if (endpoint.endpoint() == v1::USERS && !endpoint.has_roster_read())
      gaps.push_back({first, first, {v1::USERS}});
  }
  return gaps;
}

bool IsForgottenSoon(const v1::DayCoverage& coverage, absl::Duration left, absl::Duration forgotten_within) {
  switch (coverage.state()) {
    case v1::DAY_SUSPECT:
      if (coverage.thin()) return false;
      [[fallthrough]];
    case v1::DAY_MISSING:
    case v1::DAY_PROVISIONAL:
      return left < forgotten_within && left > -absl::Hours(24);
    default:
      return false;
  }
}

std::string GapWords(const Gap& gap, absl::Duration retention, absl::Time now) {
  if (gap.from == gap.to) return "users: never read.";
  const absl::Duration left = TimeLeft(gap.from, retention, now);
  const std::string days = DayWords(gap.from, gap.to);
  if (left <= absl::ZeroDuration()) return absl::StrCat(days, ": past retention, perhaps forgotten.");
  // To the minute when it is near; else in days, rounded as people count them.
  const std::string span = left < absl::Hours(48)
                               ? FormatSpan(left)
                               : absl::StrCat(absl::ToInt64Hours(left + absl::Hours(12)) / 24, " days");
  return absl::StrCat(days, ": forgotten in ", span, ".");
}

std::string GapCommand(const Gap& gap) {
  std::string command = "backfill create";
  if (gap.from != gap.to)
    absl::StrAppend(&command, " --from ", FormatDay(gap.from), " --to ", FormatDay(gap.to));
  // Four are all that have days: then the list says nothing.
  if (gap.endpoints.size() < 4) {
    absl::StrAppend(&command, " --endpoints ",
                    absl::StrJoin(gap.endpoints, ",", [](std::string* out, v1::Endpoint endpoint) {
                      absl::StrAppend(out, IsEndpoint(endpoint) ? Name(FromProto(endpoint)) : "?");
                    }));
  }
  return command;
}

}  // namespace penstock
