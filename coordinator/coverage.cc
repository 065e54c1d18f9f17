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

using Newest = std::vector<const WindowRecord*>;

Newest NewestFirst(Newest windows) {
  std::sort(windows.begin(), windows.end(), [](const WindowRecord* a, const WindowRecord* b) {
    return FromProto(a->begun()) > FromProto(b->begun());
  });
  return windows;
}

// The last count of a span that holds the day.
const WindowRecord* LastCount(const Newest& counts, const Span& day) {
  for (const WindowRecord* count : counts) {
    if (From(*count) <= day.from && To(*count) >= day.to) return count;
  }
  return nullptr;
}

class Days {
 public:
  explicit Days(const CoverageInput& input)
      : input_(input), done_(NewestFirst(input.done)), counts_(NewestFirst(input.counts)) {
    for (const store::DayCount& count : input.rows) {
      if (count.day != store::kNoDay) rows_[count.day] = count.rows;
    }
    medians_ = Medians(rows_);
  }

  v1::DayCoverage Coverage(int64_t day) const {
    v1::DayCoverage coverage;
    const Span span = {DayStart(day), DayStart(day + 1)};
    const auto stored = rows_.find(day);
    coverage.set_rows(stored == rows_.end() ? 0 : stored->second);
    const WindowRecord* count = LastCount(counts_, span);
    if (count != nullptr) *coverage.mutable_counted() = count->begun();
    const v1::DayState state = StateOf(span, coverage.rows(), count);
    const bool forgotten = span.to <= input_.now - input_.retention;
    const bool thin = state == v1::DAY_SETTLED && !forgotten && IsThin(day, coverage.rows());
    coverage.set_thin(thin);
    coverage.set_state(thin ? v1::DAY_SUSPECT : state);
    return coverage;
  }

 private:
  v1::DayState StateOf(const Span& span, uint64_t rows, const WindowRecord* count) const {
    const bool known = input_.first_contact.has_value();
    if (known && span.to <= *input_.first_contact - input_.retention && rows == 0) return v1::DAY_BEFORE;
    const bool forgotten = span.to <= input_.now - input_.retention;
    const std::optional<absl::Time> read = ReadAt(span);
    // Today cannot have been read whole; it is provisional when the last reading was whole up to where it
    // could be.
    const bool today_so_far = span.to > input_.now && (ReadSoFar(done_, span.from) || SyncedSoFar(span.from));
    if (!read.has_value() && !today_so_far) return known && forgotten ? v1::DAY_LOST : v1::DAY_MISSING;
    if (count != nullptr && count->counted() > count->stored()) return v1::DAY_SUSPECT;
    const absl::Time late = span.to + input_.publication_lag;
    if (!read.has_value() || *read < late) return v1::DAY_PROVISIONAL;
    if (input_.countable && (count == nullptr || FromProto(count->begun()) < late)) {
      return v1::DAY_PROVISIONAL;
    }
    return v1::DAY_SETTLED;
  }

  // When the day was last read whole.
  std::optional<absl::Time> ReadAt(const Span& day) const {
    const std::optional<absl::Time> by_windows = ReadWhole(done_, day);
    if (!input_.sync.has_value() || input_.sync->until < day.to) return by_windows;
    if (day.from >= input_.sync->since)
      return std::max(by_windows.value_or(input_.sync->until), input_.sync->until);
    // What was created before the first sync's stamps must have been read by then or later.
    const std::optional<absl::Time> before =
        ReadWhole(done_, {day.from, std::min(day.to, input_.sync->since)});
    if (!before.has_value() || *before < input_.sync->since) return by_windows;
    return std::max(*before, input_.sync->until);
  }

  bool SyncedSoFar(absl::Time day_start) const {
    return input_.sync.has_value() && input_.sync->since <= day_start &&
           input_.sync->until > day_start - absl::Hours(24);
  }

  bool IsThin(int64_t day, uint64_t rows) const {
    const auto median = medians_.find(static_cast<int>(((day % 7) + 7) % 7));
    return rows == 0 || (median != medians_.end() && rows * 5 < median->second);
  }

  const CoverageInput& input_;
  const Newest done_;
  const Newest counts_;
  std::map<int64_t, uint64_t> rows_;
  std::map<int, uint64_t> medians_;
};

}  // namespace

std::vector<v1::DayCoverage> DayStates(const CoverageInput& input, int64_t first_day, int64_t last_day) {
  const Days days(input);
  std::vector<v1::DayCoverage> states;
  for (int64_t day = first_day; day <= last_day; ++day) states.push_back(days.Coverage(day));
  return states;
}

}  // namespace penstock::coordinator
