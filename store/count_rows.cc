// SPDX-License-Identifier: Apache-2.0
#include "base/instant.h"
#include "store/store.h"

namespace penstock::store {

std::optional<uint64_t> CountWholeDays(const std::vector<DayCount>& days, std::optional<absl::Time> from,
                                       std::optional<absl::Time> to) {
  const auto is_midnight = [](std::optional<absl::Time> bound) {
    return !bound.has_value() || DayStart(DayNumber(*bound)) == *bound;
  };
  if (!is_midnight(from) || !is_midnight(to)) return std::nullopt;
  uint64_t rows = 0;
  for (const DayCount& day : days) {
    if (day.day == kNoDay) {
      rows += from.has_value() || to.has_value() ? 0 : day.rows;
    } else if (IsCreatedWithin(DayStart(day.day), from, to)) {
      rows += day.rows;
    }
  }
  return rows;
}

bool IsCreatedWithin(std::optional<absl::Time> created, std::optional<absl::Time> from,
                     std::optional<absl::Time> to) {
  if (!created.has_value()) return !from.has_value() && !to.has_value();
  return (!from.has_value() || *created >= *from) && (!to.has_value() || *created < *to);
}

}  // namespace penstock::store
