// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "proto/admin_service.pb.h"
#include "proto/storage.pb.h"
#include "store/store.h"

namespace penstock::coordinator {

// What sync rounds have read: everything that was stamped from `since` on and published by `until`.
struct SyncReach {
  absl::Time since;
  absl::Time until;
};

// What is known of one endpoint, for its map of days.
struct CoverageInput {
  // Finished windows on created_time, of all jobs: those that read, and those that counted with an answer.
  std::vector<const storage::WindowRecord*> done;
  std::vector<const storage::WindowRecord*> counts;
  bool countable = true;          // false: the source cannot count a day
  std::optional<SyncReach> sync;  // empty: no round has ended
  std::vector<store::DayCount> rows;
  std::optional<absl::Time> first_contact;  // when the source answered for the first time
  absl::Time now;
  absl::Duration retention;
  absl::Duration publication_lag;
};

// The days [first, last], each in one of these states:
//
//   settled      read whole, and the reading began at least the publication lag after the day's end; so did the
//                last count of it, and the source had no more than is stored
//   suspect      the last count says that rows are missing; or it is settled with no row, or with under a fifth of
//                the median of its weekday, and the source still has it
//   provisional  read whole, but so early that rows may still be published; or not counted since
//   missing      not read whole, and the source still has it
//   lost         not read whole, and the source has forgotten it since first contact
//   before       no row, and forgotten already at first contact
//
// A day is read whole when finished windows cover it without a gap; it was read when the earliest of them
// began. Syncs keep it read: a row has no stamp before its created_time. A count speaks of every day that it
// covers whole. A source that cannot count a day settles without.
std::vector<v1::DayCoverage> DayStates(const CoverageInput& input, int64_t first_day, int64_t last_day);

}  // namespace penstock::coordinator
