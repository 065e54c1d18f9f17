// SPDX-License-Identifier: Apache-2.0
#include "coordinator/budget/slot_ring.h"

#include <algorithm>
#include <iterator>

#include "base/status_macros.h"

namespace penstock::coordinator {

std::optional<uint32_t> SlotRing::FindFree(absl::Duration now, uint32_t limit) const {
  if (Used(now) >= std::min(limit, size_)) return std::nullopt;
  if (!order_.empty() && order_.begin()->first <= now) return order_.begin()->second;
  return static_cast<uint32_t>(slots_.size());
}

absl::Duration SlotRing::NextFree(uint32_t limit) const {
  const uint32_t allowed = std::min(limit, size_);
  if (allowed == 0) return absl::InfiniteDuration();
  if (order_.size() < allowed) return -absl::InfiniteDuration();
  // All but `allowed` - 1 must be free, and these are at the end of `order_`.
  return std::prev(order_.end(), allowed)->first;
}

uint32_t SlotRing::Used(absl::Duration now) const {
  // Counted from the free end: in steady state nearly all are used, and a ring that is hardly used is small.
  uint32_t free = 0;
  for (auto it = order_.begin(); it != order_.end() && it->first <= now; ++it) ++free;
  return static_cast<uint32_t>(slots_.size()) - free;
}

std::optional<uint32_t> SlotRing::SlotOf(uint64_t permit) const {
  auto it = by_permit_.find(permit);
  if (it == by_permit_.end()) return std::nullopt;
  return it->second;
}

void SlotRing::Put(uint32_t slot, uint64_t permit, absl::Duration free_at) {
  while (slots_.size() <= slot) {
    order_.insert({-absl::InfiniteDuration(), static_cast<uint32_t>(slots_.size())});
    slots_.push_back({0, -absl::InfiniteDuration()});
  }
  CHECK(order_.erase({slots_[slot].free_at, slot}) == 1);
  by_permit_.erase(slots_[slot].permit);
  slots_[slot] = {permit, free_at};
  order_.insert({free_at, slot});
  if (permit != 0) by_permit_[permit] = slot;
}

}  // namespace penstock::coordinator
