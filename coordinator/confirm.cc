// SPDX-License-Identifier: Apache-2.0
#include "coordinator/confirm.h"

#include <algorithm>

#include "base/instant.h"
#include "base/status_macros.h"
#include "coordinator/limits.h"
#include "coordinator/page_shape.h"

namespace penstock::coordinator {

using storage::WindowRecord;

namespace {

// A midnight inside the range with about half of its stored rows on either side.
std::optional<absl::Time> HalvingMidnight(absl::Time from, absl::Time to,
                                          const std::vector<store::DayCount>& days) {
  uint64_t total = 0;
  const auto inside = [&](const store::DayCount& day) {
    return day.day != store::kNoDay && DayStart(day.day + 1) > from && DayStart(day.day) < to;
  };
  for (const store::DayCount& day : days) total += inside(day) ? day.rows : 0;
  uint64_t below = 0;
  for (const store::DayCount& day : days) {
    if (!inside(day)) continue;
    below += day.rows;
    const absl::Time midnight = DayStart(day.day + 1);
    if (below * 2 >= total && midnight < to) return midnight;
  }
  // The newest day holds most of it.
  const absl::Time last = DayStart(DayNumber(to - absl::Nanoseconds(1)));
  return last > from ? std::optional(last) : std::nullopt;
}

std::optional<absl::Time> Middle(std::optional<absl::Time> from, std::optional<absl::Time> to,
                                 const std::vector<store::DayCount>& days, absl::Time now) {
  absl::Time bottom = from.value_or(absl::InfiniteFuture());
  if (!from.has_value()) {
    for (const store::DayCount& day : days) {
      if (day.day != store::kNoDay) bottom = std::min(bottom, DayStart(day.day));
    }
  }
  const absl::Time top = to.value_or(now);
  if (bottom >= top) return std::nullopt;
  if (const auto midnight = HalvingMidnight(bottom, top, days)) return midnight;
  const absl::Time middle = FloorMs(bottom + (top - bottom) / 2);
  return middle > bottom ? std::optional(middle) : std::nullopt;
}

}  // namespace

absl::StatusOr<std::optional<Shortfall>> Compare(std::optional<absl::Time> from, std::optional<absl::Time> to,
                                                 uint64_t counted, const StoredRecords& stored,
                                                 uint64_t page_records, absl::Time now) {
  Shortfall shortfall{from, to, counted, 0, std::nullopt};
  ASSIGN_OR_RETURN(shortfall.stored, stored.count(from, to));
  if (counted <= shortfall.stored) return std::nullopt;
  const uint64_t missing = counted - shortfall.stored;
  const bool small = counted <= kRereadPagesMax * page_records;
  if (!small && missing * 2 < counted) {
    ASSIGN_OR_RETURN(const std::vector<store::DayCount> days, stored.days());
    shortfall.middle = Middle(from, to, days, now);
  }
  return shortfall;
}

bool ConfirmsWhole(const WindowRecord& window) {
  return window.purpose() == WindowRecord::CONFIRM && window.expected() == 0 && !window.part();
}

void Confirmations::Add(const WindowRecord& window) {
  if (!ConfirmsWhole(window)) return;
  ++made;
  lacks = window.counted() > window.stored();
}

bool Confirmations::IsDue() const { return made == 0 || (lacks && made < kConfirmsMax); }

}  // namespace penstock::coordinator
