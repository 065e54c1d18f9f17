// SPDX-License-Identifier: Apache-2.0
#include "coordinator/coverage.h"

#include <algorithm>
#include <map>

#include "base/instant.h"
#include "proto/convert.h"

namespace penstock::coordinator {
namespace {

using storage::WindowRecord;

struct Span {
  absl::Time from;
  absl::Time to;
};

absl::Time From(const WindowRecord& window) {
  return window.has_from() ? FromProto(window.from()) : absl::InfinitePast();
}
absl::Time To(const WindowRecord& window) {
  // No upper bound: it read up to the moment at which its chain began.
  return window.has_to() ? FromProto(window.to()) : FromProto(window.begun());
}

// `open` without what the window covers.
std::vector<Span> Without(const std::vector<Span>& open, const WindowRecord& window) {
  std::vector<Span> rest;
  for (const Span& span : open) {
    const absl::Time from = std::max(span.from, From(window));
    const absl::Time to = std::min(span.to, To(window));
    if (from >= to) {
      rest.push_back(span);
      continue;
    }
    if (span.from < from) rest.push_back({span.from, from});
    if (to < span.to) rest.push_back({to, span.to});
  }
  return rest;
}

// When the day was read whole; empty when it was not. The latest readings count first.
std::optional<absl::Time> ReadWhole(const std::vector<const WindowRecord*>& newest_first, Span day) {
  std::vector<Span> open = {day};
  for (const WindowRecord* window : newest_first) {
    const std::vector<Span> rest = Without(open, *window);
    const auto length = [](const std::vector<Span>& spans) {
      absl::Duration sum;
      for (const Span& span : spans) sum += span.to - span.from;
      return sum;
    };
    if (length(rest) == length(open)) continue;
    open = rest;
    if (open.empty()) return FromProto(window->begun());
  }
  return std::nullopt;
}

// Whether the readings reach into the day that begins then, or the day before it, without a gap.
bool ReadSoFar(const std::vector<const WindowRecord*>& newest_first, absl::Time day_start) {
  absl::Time reach = absl::InfinitePast();
  for (const WindowRecord* window : newest_first) reach = std::max(reach, To(*window));
  if (reach > day_start) return ReadWhole(newest_first, {day_start, reach}).has_value();
  const absl::Time day_before = day_start - absl::Hours(24);
  return reach > day_before && ReadWhole(newest_first, {day_before, reach}).has_value();
}

// Medians of the rows of read days, per weekday.
std::map<int, uint64_t> Medians(const std::map<int64_t, uint64_t>& rows) {
  std::map<int, std::vector<uint64_t>> by_weekday;
  for (const auto& [day, count] : rows) by_weekday[static_cast<int>(((day % 7) + 7) % 7)].push_back(count);
  std::map<int, uint64_t> medians;
  for (auto& [weekday, counts] : by_weekday) {
    std::nth_element(counts.begin(), counts.begin() + counts.size() / 2, counts.end());
    medians[weekday] = counts[counts.size() / 2];
  }
  return medians;
}

}  // namespace

std::vector<v1::DayCoverage> DayStates(const CoverageInput& input, int64_t first_day, int64_t last_day) {
  std::vector<const WindowRecord*> windows = input.done;
  std::sort(windows.begin(), windows.end(), [](const WindowRecord* a, const WindowRecord* b) {
    return FromProto(a->begun()) > FromProto(b->begun());
  });
  std::map<int64_t, uint64_t> rows;
  for (const store::DayCount& count : input.rows) {
    if (count.day != store::kNoDay) rows[count.day] = count.rows;
  }
  const std::map<int, uint64_t> medians = Medians(rows);

  std::vector<v1::DayCoverage> days;
  for (int64_t day = first_day; day <= last_day; ++day) {
    v1::DayCoverage coverage;
    const Span span = {DayStart(day), DayStart(day + 1)};
    auto stored = rows.find(day);
    coverage.set_rows(stored == rows.end() ? 0 : stored->second);
    const bool known = input.first_contact.has_value();
    const bool before = known && span.to <= *input.first_contact - input.retention && coverage.rows() == 0;
    const std::optional<absl::Time> read = ReadWhole(windows, span);
    // Today cannot have been read whole; it is provisional when the last reading was whole up to where it
    // could be.
    const bool today_so_far = span.to > input.now && ReadSoFar(windows, span.from);
    if (before) {
      coverage.set_state(v1::DAY_BEFORE);
    } else if (read.has_value() && *read >= span.to + input.publication_lag) {
      auto median = medians.find(static_cast<int>(((day % 7) + 7) % 7));
      const bool thin =
          coverage.rows() == 0 || (median != medians.end() && coverage.rows() * 5 < median->second);
      coverage.set_state(thin ? v1::DAY_SUSPECT : v1::DAY_SETTLED);
    } else if (read.has_value() || today_so_far) {
      coverage.set_state(v1::DAY_PROVISIONAL);
    } else if (known && span.to <= input.now - input.retention) {
      coverage.set_state(v1::DAY_LOST);
    } else {
      coverage.set_state(v1::DAY_MISSING);
    }
    days.push_back(coverage);
  }
  return days;
}

}  // namespace penstock::coordinator
