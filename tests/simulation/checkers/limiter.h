// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>

#include "tests/simulation/checker.h"

namespace penstock::simulation {

// Checked at every event:
//   I1  at most N arrivals in any closed 60 s of the source's clock, refused ones included
//   I2  every arrival has a permit that was given; no permit arrives twice
//   I3  no request leaves later than 2 s after its permit was given, whatever the sender's clock says
//   I4  a slot is used again only 60 s after its last request arrived; nothing arrives under a slot that was
//       given away
//   I5  a permit is durable, with its slot, before it is given
//   I6  no more slots are in use than configured
//   I7  while a pause is in force no permit is given: one that the coordinator wrote down, or one that a
//       worker told it of
//   I9  after a start the first permit waits 68 s at most, or until the pause ends
class LimiterChecker final : public Checker {
 public:
  LimiterChecker(World& world, uint32_t per_minute) : Checker(world), per_minute_(per_minute) {}

  void OnRequestSent(const RequestSent& sent) override;
  void OnArrival(uint64_t permit, absl::Duration source_clock) override;
  void OnCoordinatorStart(const coordinator::Core& core, const Moment& now,
                          const std::string& boot_id) override;
  void OnStoreCommit(const StoreCommit& commit) override;
  void OnFateTold(const v1::PermitReport& report, const Moment& now) override;
  void OnPermitGiven(uint64_t permit, const Moment& now) override;

 private:
  struct Permit {
    bool given = false;
    absl::Duration given_at;  // virtual time
    bool sent = false;
    bool arrived = false;
    bool slot_gone = false;  // its slot was given to another one, or freed
    absl::Duration arrived_at;
  };
  void OnSlot(const storage::SlotRecord& slot);

  const uint32_t per_minute_;
  std::deque<absl::Duration> arrivals_;
  std::unordered_map<uint64_t, Permit> permits_;
  std::map<std::pair<int, uint32_t>, uint64_t> slots_;  // (ring, index) -> permit
  // Of a slot: the last arrival under any permit it ever held.
  std::map<std::pair<int, uint32_t>, absl::Duration> last_arrival_;
  std::unordered_map<uint64_t, std::pair<int, uint32_t>> slot_of_;
  absl::Time pause_wall_ = absl::InfinitePast();
  absl::Duration paused_until_ = -absl::InfiniteDuration();  // the coordinator's boot clock
};

}  // namespace penstock::simulation
