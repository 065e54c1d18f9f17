// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/checkers/limiter.h"

#include <algorithm>
#include <variant>

#include "absl/strings/str_cat.h"
#include "base/endpoint.h"
#include "proto/convert.h"
#include "tests/simulation/world.h"

namespace penstock::simulation {
namespace {

constexpr absl::Duration kWindow = absl::Seconds(60);
// Virtual time against the clocks of the cluster: 100 ppm either way.
constexpr absl::Duration kDrift = absl::Milliseconds(10);
// What a permit promises, and what a refusal asks for (coordinator/limits.h).
constexpr absl::Duration kSendWithin = absl::Seconds(2);
constexpr absl::Duration kPauseDefault = absl::Seconds(60);
constexpr absl::Duration kPauseMin = absl::Seconds(1);
constexpr absl::Duration kPauseMax = absl::Minutes(15);
// A slot is held for so long at most: reserved, sent at the last moment, arrived at the last moment.
constexpr absl::Duration kLongestUse = absl::Seconds(68);
// The product obeys no pause longer than this, whatever the wall clock says (coordinator/limits.h).
const absl::Duration kLongestPause = absl::Minutes(15) + absl::Seconds(2);

}  // namespace

void LimiterChecker::OnRequestSent(const RequestSent& sent) {
  Permit& permit = permits_[sent.permit];
  if (!permit.given) Violated("I2", absl::StrCat("permit ", sent.permit, " was never given"));
  if (permit.sent) Violated("I2", absl::StrCat("permit ", sent.permit, " is sent twice"));
  permit.sent = true;
  if (world_.queue.now() > permit.given_at + kSendWithin + kDrift) {
    Violated("I3", absl::StrCat("permit ", sent.permit, " is sent after its deadline"));
  }
}

void LimiterChecker::OnArrival(uint64_t number, absl::Duration source_clock) {
  arrivals_.push_back(source_clock);
  while (source_clock - arrivals_.front() > kWindow) arrivals_.pop_front();
  if (arrivals_.size() > per_minute_) {
    Violated("I1", absl::StrCat(arrivals_.size(), " arrivals in 60 s, the limit is ", per_minute_));
  }
  Permit& permit = permits_[number];
  if (!permit.given) Violated("I2", absl::StrCat("an arrival under permit ", number, ", never given"));
  if (permit.arrived) Violated("I2", absl::StrCat("permit ", number, " arrives twice"));
  if (permit.slot_gone) Violated("I4", absl::StrCat("permit ", number, " arrives after its slot was reused"));
  permit.arrived = true;
  permit.arrived_at = world_.queue.now();
  if (const auto slot = slot_of_.find(number); slot != slot_of_.end()) {
    last_arrival_[slot->second] = permit.arrived_at;
  }
}

void LimiterChecker::OnSlot(const storage::SlotRecord& slot) {
  const std::pair key(slot.ring(), slot.index());
  if (slot.index() >= per_minute_) Violated("I6", absl::StrCat("slot ", slot.index(), " is in use"));
  uint64_t& holds = slots_[key];
  if (holds == slot.permit()) return;
  if (slot.ring() == 0 && holds != 0) {
    permits_[holds].slot_gone = true;
    slot_of_.erase(holds);
  }
  holds = slot.permit();
  if (slot.ring() != 0 || holds == 0) return;
  slot_of_[holds] = key;
  const auto last = last_arrival_.find(key);
  if (last != last_arrival_.end() && world_.queue.now() - last->second < kWindow - kDrift) {
    Violated("I4", absl::StrCat("slot ", slot.index(), " is given again ",
                                absl::FormatDuration(world_.queue.now() - last->second),
                                " after its last request arrived"));
  }
}

void LimiterChecker::OnStoreCommit(const StoreCommit& commit) {
  for (const store::Record& record : commit.committed->records) {
    if (const auto* slot = std::get_if<storage::SlotRecord>(&record)) OnSlot(*slot);
    const auto* budget = std::get_if<storage::BudgetRecord>(&record);
    if (budget == nullptr || !budget->has_paused_until()) continue;
    const absl::Time until = FromProto(budget->paused_until());
    if (until == pause_wall_) continue;
    pause_wall_ = until;
    paused_until_ = commit.now.boot + std::min(until - commit.now.wall, kLongestPause);
  }
}

void LimiterChecker::OnCoordinatorStart(const coordinator::Core& core, const Moment& now,
                                        const std::string& boot_id) {
  const coordinator::Budget& budget = core.state().BudgetOf(1);
  for (const Endpoint endpoint : kAllEndpoints) {
    const absl::Duration ready = budget.ReadyAt(endpoint, now);
    if (ready > std::max(now.boot + kLongestUse, budget.paused_until())) {
      Violated("I9", absl::StrCat("after a start ", Name(endpoint), " wait ",
                                  absl::FormatDuration(ready - now.boot), " for a permit"));
    }
  }
  // A pause is kept on the wall clock; after a start that is all there is.
  if (pause_wall_ != absl::InfinitePast()) {
    paused_until_ = now.boot + std::min(pause_wall_ - now.wall, kLongestPause);
  }
}

void LimiterChecker::OnFateTold(const v1::PermitReport& report, const Moment& now) {
  const bool refused =
      report.http_status() == 429 || (report.http_status() == 503 && report.has_retry_after());
  if (!refused) return;
  const absl::Duration asked = report.has_retry_after() ? FromProto(report.retry_after()) : kPauseDefault;
  paused_until_ = std::max(paused_until_, now.boot + std::clamp(asked, kPauseMin, kPauseMax));
}

void LimiterChecker::OnPermitGiven(uint64_t number, const Moment& now) {
  Permit& permit = permits_[number];
  if (permit.given) return;  // a repeated call gets the same one
  permit.given = true;
  permit.given_at = world_.queue.now();
  if (!slot_of_.contains(number)) {
    Violated("I5", absl::StrCat("permit ", number, " is given, and no slot is durable for it"));
  }
  if (now.boot < paused_until_) {
    Violated("I7", absl::StrCat("permit ", number, " is given, the pause lasts ",
                                absl::FormatDuration(paused_until_ - now.boot), " more"));
  }
}

}  // namespace penstock::simulation
