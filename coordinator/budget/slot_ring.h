// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"

namespace penstock::coordinator {

// The exact limiter: `size` slots, each with the moment from which it may be given again.
//
// Let a request be sent no earlier than its grant g, arrive at the server at a, and let p be the first moment
// at which we know that a <= p (its first response byte). A slot is granted again only at g' >= p + W. So two
// uses of one slot arrive at least W apart, and any W seconds hold at most one arrival per slot: at most
// `size` in total, whatever the network does (FAULTS 2). Times are the boot clock's.
//
// A value: the decisions are const, the changes are Put.
class SlotRing {
 public:
  explicit SlotRing(uint32_t size) : size_(size) {}

  // The slot that has been free longest, or a new one while there are fewer than `limit` in use.
  std::optional<uint32_t> FindFree(absl::Duration now, uint32_t limit) const;
  // When FindFree will next find one, if nothing is reported until then; in the past: since when it does.
  absl::Duration NextFree(uint32_t limit) const;
  uint32_t Used(absl::Duration now) const;
  std::optional<uint32_t> SlotOf(uint64_t permit) const;
  // Who has or had the slot last (0: nobody), and since when it is free.
  uint64_t PermitOf(uint32_t slot) const { return slot < slots_.size() ? slots_[slot].permit : 0; }
  absl::Duration FreeSince(uint32_t slot) const {
    return slot < slots_.size() ? slots_[slot].free_at : -absl::InfiniteDuration();
  }

  void Put(uint32_t slot, uint64_t permit, absl::Duration free_at);
  uint32_t size() const { return size_; }
  // A smaller size takes slots away as they become free; used slots beyond it keep counting.
  void Resize(uint32_t size) { size_ = size; }

 private:
  struct Slot {
    uint64_t permit = 0;
    absl::Duration free_at;
  };
  uint32_t size_;
  std::vector<Slot> slots_;                              // only those ever used
  std::set<std::pair<absl::Duration, uint32_t>> order_;  // (free_at, slot)
  absl::flat_hash_map<uint64_t, uint32_t> by_permit_;
};

}  // namespace penstock::coordinator
