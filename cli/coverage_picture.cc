// SPDX-License-Identifier: Apache-2.0
#include "cli/coverage_picture.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/civil_time.h"
#include "base/instant.h"
#include "cli/words.h"
#include "proto/convert.h"

namespace penstock::cli {
namespace {

constexpr size_t kNames = 18;          // columns before the picture
constexpr int kLegendBesideUpTo = 31;  // days
constexpr size_t kNarrowest = 33;      // of a picture with the legend beside it: room for the roster line

const char* const kLegend[] = {"# settled  p provisional", ". missing  ? suspect", "x lost     - before"};

char Mark(v1::DayState state) {
  switch (state) {
    case v1::DAY_BEFORE:
      return '-';
    case v1::DAY_MISSING:
      return '.';
    case v1::DAY_PROVISIONAL:
      return 'p';
    case v1::DAY_SUSPECT:
      return '?';
    case v1::DAY_SETTLED:
      return '#';
    case v1::DAY_LOST:
      return 'x';
    default:
      return ' ';
  }
}

absl::CivilDay Day(absl::Time time) { return absl::ToCivilDay(time, absl::UTCTimeZone()); }
std::string Month(absl::CivilDay day, const char* format) {
  return absl::FormatTime(format, absl::FromCivil(day, absl::UTCTimeZone()), absl::UTCTimeZone());
}

// The day of the month over the 1st, 5th, 10th ..; where two would touch, the 1st stays.
std::string DayNumbers(absl::CivilDay first, int days) {
  std::string line(static_cast<size_t>(days) + 2, ' ');
  const auto place = [&](int column, const std::string& text) {
    const size_t begin = static_cast<size_t>(column);
    for (size_t i = begin > 0 ? begin - 1 : 0; i < std::min(line.size(), begin + text.size() + 1); ++i) {
      if (line[i] != ' ') return;
    }
    line.replace(begin, text.size(), text);
  };
  for (int i = 0; i < days; ++i) {
    if ((first + i).day() == 1) place(i, "1");
  }
  for (int i = 0; i < days; ++i) {
    const int day = (first + i).day();
    if (day % 5 == 0) place(i, absl::StrCat(day));
  }
  return line;
}

// "March 2026", "Feb to Mar 2026", "Dec 2025 to Jan 2026".
std::string Months(absl::CivilDay first, absl::CivilDay last) {
  if (absl::CivilMonth(first) == absl::CivilMonth(last)) return Month(last, "%B %Y");
  return absl::StrCat(Month(first, first.year() == last.year() ? "%b" : "%b %Y"), " to ",
                      Month(last, "%b %Y"));
}

std::string Cells(const v1::EndpointCoverage& endpoint, int skipped) {
  if (endpoint.endpoint() == v1::USERS) {
    if (!endpoint.has_roster_read()) return "never read";
    return absl::StrCat("roster of ", FormatMinute(FromProto(endpoint.roster_read())), " UTC");
  }
  std::string cells;
  for (int i = skipped; i < endpoint.days_size(); ++i) cells += Mark(endpoint.days(i).state());
  return cells;
}

int DayCount(const v1::GetCoverageResponse& coverage) {
  int days = 0;
  for (const v1::EndpointCoverage& endpoint : coverage.endpoints())
    days = std::max(days, endpoint.days_size());
  return days;
}

}  // namespace

std::string CoveragePicture(const v1::GetCoverageResponse& coverage) {
  const int all = DayCount(coverage);
  const int days = std::min(all, kMostDays);
  const absl::CivilDay first = Day(FromProto(coverage.first_day())) + (all - days);
  const bool beside = days <= kLegendBesideUpTo;

  std::vector<std::string> lines = {std::string(kNames, ' ') + DayNumbers(first, days)};
  for (const v1::EndpointCoverage& endpoint : coverage.endpoints()) {
    const std::string name = Word(endpoint.endpoint());
    lines.push_back(absl::StrCat(name, std::string(kNames - std::min(kNames, name.size()), ' '),
                                 Cells(endpoint, all - days)));
  }
  std::vector<std::string> legend = {days > 0 ? Months(first, first + (days - 1)) : ""};
  legend.insert(legend.end(), std::begin(kLegend), std::end(kLegend));
  if (beside) {
    lines.resize(std::max(lines.size(), legend.size()));
    for (size_t i = 0; i < legend.size(); ++i) {
      lines[i].resize(kNames + kNarrowest, ' ');
      absl::StrAppend(&lines[i], " ", legend[i]);
    }
  } else {
    lines.insert(lines.begin(), std::string(kNames, ' ') + legend[0]);
    lines.push_back(absl::StrJoin(legend.begin() + 1, legend.end(), "  "));
  }
  std::string text;
  for (std::string& line : lines) {
    absl::StripTrailingAsciiWhitespace(&line);
    absl::StrAppend(&text, line, "\n");
  }
  return text;
}

}  // namespace penstock::cli
