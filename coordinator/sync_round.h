// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "coordinator/follow_up.h"

namespace penstock::coordinator {

// When rounds begin, and what begins then. Pure.

// The source's sync job that is running or paused; null: none is. There is never a second one: what a round that
// waits would have read, it still reads.
const storage::JobRecord* OpenRound(const State& state, uint32_t source);

// A new round: the job and its first windows, and the end of earlier rounds' parked windows, which it makes up for.
struct Round {
  uint64_t job = 0;  // 0: nothing is to be read now
  Records records;
  std::string why_not;  // which endpoints it leaves out, and why
};
Round DecideRound(const State& state, const storage::SourceRecord& source,
                  const std::vector<Endpoint>& endpoints, const std::string& requested_by, const Moment& now);

// The source with its schedule and next moment as they should be at the start. A moment that passed stays: it is due.
storage::SourceRecord Scheduled(const storage::SourceRecord& source, const SyncSettings& sync,
                                absl::Time now);

// The moment after `now`, if the source's record has another one: its moment has come (`due`), or the clock was
// set back.
struct NextMoment {
  bool due = false;
  absl::Time next;
};
std::optional<NextMoment> MoveSchedule(const storage::SourceRecord& source, const SyncSettings& sync,
                                       absl::Time now);

}  // namespace penstock::coordinator
