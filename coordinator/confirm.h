// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "proto/storage.pb.h"
#include "store/store.h"

namespace penstock::coordinator {

// What the store has of one endpoint, quarantined records included.
struct StoredRecords {
  // With created_time in [from, to); without any bound: all.
  std::function<absl::StatusOr<uint64_t>(std::optional<absl::Time> from, std::optional<absl::Time> to)> count;
  std::function<absl::StatusOr<std::vector<store::DayCount>>()> days;
  // Rows with last_updated_time in [from, to) and created_time from `created_from` on; the bounds are midnights.
  std::function<absl::StatusOr<uint64_t>(absl::Time from, std::optional<absl::Time> to,
                                         std::optional<absl::Time> created_from)>
      stamped;
};

// A part of a range of which the source counts more than is stored.
struct Shortfall {
  std::optional<absl::Time> from;
  std::optional<absl::Time> to;
  uint64_t counted = 0;
  uint64_t stored = 0;
  // Count [from, *middle) next; empty: read the whole part again.
  std::optional<absl::Time> middle;
};

// Compares the source's count of [from, to) with the store. Empty: nothing is missing (fewer at the source is
// normal, it forgets). The middle is the midnight that halves what is stored, or, within a day, its middle; a
// part is read again rather than bisected when it is small or mostly missing.
absl::StatusOr<std::optional<Shortfall>> Compare(std::optional<absl::Time> from, std::optional<absl::Time> to,
                                                 uint64_t counted, const StoredRecords& stored,
                                                 uint64_t page_records, absl::Time now);

// Whether it confirms a whole range; the others follow a cut, or bisect a shortfall.
bool ConfirmsWhole(const storage::WindowRecord& window);

// The confirmations of one endpoint in one job, added in order.
struct Confirmations {
  int made = 0;
  bool lacks = false;  // the last one found more at the source

  void Add(const storage::WindowRecord& window);  // others than those of a whole range do not count
  // The first, and another one after a shortfall that was read; kConfirmsMax in all.
  bool IsDue() const;
};

}  // namespace penstock::coordinator
