// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "base/clock.h"
#include "base/endpoint.h"
#include "coordinator/budget/slot_ring.h"
#include "proto/storage.pb.h"
#include "proto/worker_service.pb.h"
#include "store/store.h"

namespace penstock::coordinator {

struct BudgetLimits {
  uint32_t per_minute = 60;
  uint32_t users_per_minute = 30;  // of these, at most so many for users
};

// A source's allowance of requests. Decisions are const and return records; once those are durable, Apply
// makes them facts. So a permit is never given before its grant is on disk, and recovery is Apply over what
// was stored.
//
// A grant may also ride in the commit of a page, before anybody asks: the permit is then reserved, and the
// next one who asks gets it without a write of its own. Its slot is held as if it were given at the last
// moment at which that is allowed (kReserveFor), so the proof of slot_ring.h holds for it as it stands; a
// reservation that nobody takes in time costs its slot and nothing else.
//
// Three gates, all open at once for a grant: a free slot of the ring (of both rings for users), the pace (one
// permit every window / limit with a small burst), and no pause.
class Budget {
 public:
  // `started`: boot clock at the coordinator's start. Slots that an earlier boot left count as used until a
  // request of that time could no longer arrive.
  Budget(uint32_t source, BudgetLimits limits, std::string boot_id, absl::Duration started);

  void Apply(const storage::SlotRecord& slot);
  void Apply(const storage::BudgetRecord& record, const Moment& now);

  // The moment (boot clock) at which a permit for the endpoint can be granted, as far as is known now; `now.boot` or
  // earlier: at once, and since when.
  absl::Duration ReadyAt(Endpoint endpoint, const Moment& now) const;

  struct Grant {
    uint64_t permit = 0;
    std::vector<store::Record> records;
  };
  // CHECKs that ReadyAt is not in the future.
  Grant DecideGrant(Endpoint endpoint, const Moment& now) const;
  // A permit to reserve with the commit of an endpoint's page and of this report; permit 0: none can be had
  // now, or the report needs the slots itself. Never for users, who have two rings.
  Grant DecideReserve(Endpoint endpoint, const v1::PermitReport& report, const Moment& now) const;
  // After the reservation's records are durable.
  void Reserved(uint64_t permit, const Moment& now);
  // The oldest reserved permit that may still be given to the endpoint, if there is one; to be asked, as
  // DecideGrant, when ReadyAt is not in the future.
  std::optional<uint64_t> TakeReserved(Endpoint endpoint, const Moment& now);
  // Moves the pace on, after the grant's records are durable. Not durable itself: after a restart the slots
  // still hold.
  void Granted(Endpoint endpoint, const Moment& now);

  // What a permit's fate changes: its slots, and after a refusal the pause and the limit. `jitter` in [0, 1).
  // A permit that is not known (any more) changes no slot.
  std::vector<store::Record> DecideReport(const v1::PermitReport& report, const Moment& now,
                                          double jitter) const;

  // A restored store does not know which slots were used since its backup was made: all are, as if their requests had
  // been granted just before the start. Empty for any other store.
  std::vector<store::Record> DecideUseAll() const;

  // Lower than configured after a refusal, one more with every clean minute.
  uint32_t CurrentLimit(const Moment& now) const;
  uint32_t Used(const Moment& now) const { return all_.Used(now.boot); }
  uint32_t UsersUsed(const Moment& now) const { return users_.Used(now.boot); }
  uint64_t GrantedEver() const { return record_.last_permit() - record_.skipped(); }
  uint32_t GrantedLastMinute(const Moment& now) const;
  // Boot clock; in the past: not paused.
  absl::Duration paused_until() const { return paused_until_; }
  const BudgetLimits& limits() const { return limits_; }
  const storage::BudgetRecord& record() const { return record_; }
  void SetLimits(BudgetLimits limits);

 private:
  storage::SlotRecord SlotOf(int ring, uint32_t index, uint64_t permit, absl::Duration free_at) const;
  void DecideSlot(int ring, const SlotRing& slots, const v1::PermitReport& report, absl::Duration now,
                  std::vector<store::Record>& records) const;
  absl::Duration Interval(Endpoint endpoint, const Moment& now) const;
  // How many reserved permits may still be given.
  uint32_t CountReserved(const Moment& now) const;

  const uint32_t source_;
  BudgetLimits limits_;
  const std::string boot_id_;
  const absl::Duration started_;
  SlotRing all_;
  SlotRing users_;
  storage::BudgetRecord record_;
  absl::Duration paused_until_ = -absl::InfiniteDuration();
  // When the next permit is due by the even pace; a burst may run ahead of it.
  absl::Duration pace_ = -absl::InfiniteDuration();
  absl::Duration users_pace_ = -absl::InfiniteDuration();
  struct Reservation {
    uint64_t permit = 0;
    absl::Duration until;
  };
  std::deque<Reservation> reserved_;          // oldest first; lost with the process, its slots are not
  std::deque<absl::Duration> recent_grants_;  // of the last minute, for people
};

}  // namespace penstock::coordinator
