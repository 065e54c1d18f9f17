// SPDX-License-Identifier: Apache-2.0
#include "coordinator/budget/budget.h"

#include <algorithm>
#include <cmath>

#include "base/status_macros.h"
#include "coordinator/limits.h"
#include "proto/convert.h"

namespace penstock::coordinator {
namespace {

constexpr int kAllRing = 0;
constexpr int kUsersRing = 1;

// A request that was granted at `grant` and never heard of again cannot arrive later than this.
absl::Duration LastArrival(absl::Duration grant) { return grant + kSendWithin + kSendTimeMax; }
absl::Duration FreeAfter(absl::Duration proof_of_arrival) {
  return proof_of_arrival + kBudgetWindow + kBudgetMargin;
}

bool IsRefusal(const v1::PermitReport& report) {
  return report.http_status() == 429 || (report.http_status() == 503 && report.has_retry_after());
}

}  // namespace

Budget::Budget(uint32_t source, BudgetLimits limits, std::string boot_id, absl::Duration started)
    : source_(source),
      limits_(limits),
      boot_id_(std::move(boot_id)),
      started_(started),
      all_(limits.per_minute),
      users_(std::min(limits.users_per_minute, limits.per_minute)) {
  record_.set_source(source);
}

void Budget::SetLimits(BudgetLimits limits) {
  limits_ = limits;
  all_.Resize(limits.per_minute);
  users_.Resize(std::min(limits.users_per_minute, limits.per_minute));
}

void Budget::Apply(const storage::SlotRecord& slot) {
  // Boot clocks of different boots do not compare: such a slot was used, at the latest, just before we
  // started.
  const absl::Duration free_at = slot.boot_id() == boot_id_ ? absl::Milliseconds(slot.free_at_boot_ms())
                                                            : FreeAfter(LastArrival(started_));
  SlotRing& ring = slot.ring() == kUsersRing ? users_ : all_;
  if (slot.ring() == kAllRing && slot.permit() != 0 && slot.permit() != all_.PermitOf(slot.index())) {
    // Taken anew. Who had to wait for it has earned no burst: that would empty the ring early, minute after minute.
    const absl::Duration interval = kBudgetWindow / std::max(limits_.per_minute, 1u);
    pace_ = std::max(pace_, all_.FreeSince(slot.index()) + (kBurst - 1) * interval);
  }
  ring.Put(slot.index(), slot.permit(), free_at);
}

void Budget::Apply(const storage::BudgetRecord& record, const Moment& now) {
  const bool new_pause =
      record.has_paused_until() &&
      (!record_.has_paused_until() || FromProto(record.paused_until()) != FromProto(record_.paused_until()));
  record_ = record;
  if (new_pause) {
    // Kept on the wall clock, obeyed on the boot clock; a wall clock that jumped must not pause for ever.
    const absl::Duration rest = FromProto(record.paused_until()) - now.wall;
    paused_until_ = now.boot + std::min(rest, kPauseMax + kPauseJitterMax);
  }
}

uint32_t Budget::CurrentLimit(const Moment& now) const {
  if (record_.lowered_limit() == 0) return limits_.per_minute;
  const absl::Duration clean = std::max(now.wall - FromProto(record_.lowered_at()), absl::ZeroDuration());
  const double raised = record_.lowered_limit() + std::floor(absl::FDivDuration(clean, kRaiseLimitEvery));
  return static_cast<uint32_t>(std::min<double>(raised, limits_.per_minute));
}

absl::Duration Budget::Interval(Endpoint endpoint, const Moment& now) const {
  const uint32_t limit = endpoint == Endpoint::kUsers ? users_.size() : CurrentLimit(now);
  return kBudgetWindow / std::max(limit, 1u);
}

absl::Duration Budget::ReadyAt(Endpoint endpoint, const Moment& now) const {
  const absl::Duration interval = Interval(Endpoint::kConversations, now);
  absl::Duration ready = std::max(paused_until_, pace_ - (kBurst - 1) * interval);
  if (endpoint != Endpoint::kUsers && CountReserved(now) > 0) return ready;
  ready = std::max(ready, all_.NextFree(CurrentLimit(now)));
  if (endpoint == Endpoint::kUsers) {
    ready = std::max(ready, users_pace_);
    ready = std::max(ready, users_.NextFree(users_.size()));
  }
  return ready;
}

storage::SlotRecord Budget::SlotOf(int ring, uint32_t index, uint64_t permit, absl::Duration free_at) const {
  storage::SlotRecord slot;
  slot.set_source(source_);
  slot.set_ring(ring);
  slot.set_index(index);
  slot.set_permit(permit);
  slot.set_boot_id(boot_id_);
  // Rounded up: a slot is never free early.
  slot.set_free_at_boot_ms(absl::ToInt64Milliseconds(absl::Ceil(free_at, absl::Milliseconds(1))));
  return slot;
}

Budget::Grant Budget::DecideGrant(Endpoint endpoint, const Moment& now) const {
  CHECK(ReadyAt(endpoint, now) <= now.boot);
  Grant grant;
  grant.permit = record_.last_permit() + 1;
  const absl::Duration free_at = FreeAfter(LastArrival(now.boot));
  const auto slot = all_.FindFree(now.boot, CurrentLimit(now));
  CHECK(slot.has_value());
  grant.records.push_back(SlotOf(kAllRing, *slot, grant.permit, free_at));
  if (endpoint == Endpoint::kUsers) {
    const auto users_slot = users_.FindFree(now.boot, users_.size());
    CHECK(users_slot.has_value());
    grant.records.push_back(SlotOf(kUsersRing, *users_slot, grant.permit, free_at));
  }
  storage::BudgetRecord record = record_;
  record.set_last_permit(grant.permit);
  grant.records.push_back(record);
  return grant;
}

uint32_t Budget::CountReserved(const Moment& now) const {
  return static_cast<uint32_t>(
      std::count_if(reserved_.begin(), reserved_.end(),
                    [&](const Reservation& reservation) { return reservation.until >= now.boot; }));
}

Budget::Grant Budget::DecideReserve(Endpoint endpoint, const v1::PermitReport& report,
                                    const Moment& now) const {
  Grant grant;
  if (endpoint == Endpoint::kUsers) return grant;
  // These make slot and budget records of their own for the same batch.
  if (IsRefusal(report) || paused_until_ > now.boot) return grant;
  // The pace as it will be when all that is reserved has been given.
  const absl::Duration interval = Interval(Endpoint::kConversations, now);
  const absl::Duration pace = std::max(pace_, now.boot) + CountReserved(now) * interval;
  if (pace - (kBurst - 1) * interval > now.boot) return grant;
  const auto slot = all_.FindFree(now.boot, CurrentLimit(now));
  if (!slot.has_value()) return grant;
  grant.permit = record_.last_permit() + 1;
  const absl::Duration free_at = FreeAfter(LastArrival(now.boot + kReserveFor));
  grant.records.push_back(SlotOf(kAllRing, *slot, grant.permit, free_at));
  storage::BudgetRecord record = record_;
  record.set_last_permit(grant.permit);
  grant.records.push_back(record);
  return grant;
}

void Budget::Reserved(uint64_t permit, const Moment& now) {
  reserved_.push_back({permit, now.boot + kReserveFor});
}

std::optional<uint64_t> Budget::TakeReserved(Endpoint endpoint, const Moment& now) {
  while (!reserved_.empty() && reserved_.front().until < now.boot) reserved_.pop_front();
  if (endpoint == Endpoint::kUsers || reserved_.empty()) return std::nullopt;
  const uint64_t permit = reserved_.front().permit;
  reserved_.pop_front();
  return permit;
}

void Budget::Granted(Endpoint endpoint, const Moment& now) {
  pace_ = std::max(pace_, now.boot) + Interval(Endpoint::kConversations, now);
  if (endpoint == Endpoint::kUsers) users_pace_ = now.boot + Interval(Endpoint::kUsers, now);
  while (!recent_grants_.empty() && recent_grants_.front() <= now.boot - absl::Minutes(1))
    recent_grants_.pop_front();
  recent_grants_.push_back(now.boot);
}

void Budget::DecideSlot(int ring, const SlotRing& slots, const v1::PermitReport& report, absl::Duration now,
                        std::vector<store::Record>& records) const {
  const auto index = slots.SlotOf(report.number());
  if (!index.has_value()) return;
  switch (report.fate()) {
    case v1::ANSWERED: {
      // The report may say when the first byte came; its way to us only makes our estimate later, which is
      // safe.
      const absl::Duration ago = std::max(FromProto(report.first_byte_ago()), absl::ZeroDuration());
      records.push_back(SlotOf(ring, *index, report.number(), FreeAfter(now - ago)));
      break;
    }
    case v1::NEVER_SENT:
      records.push_back(SlotOf(ring, *index, 0, now));
      break;
    case v1::UNANSWERED:
      // Its socket is closed now; what is on its way may still arrive for that long.
      records.push_back(SlotOf(ring, *index, report.number(), FreeAfter(now + kSendTimeMax)));
      break;
    default:
      // Unknown: it stays used as the grant assumed.
      break;
  }
}

std::vector<store::Record> Budget::DecideReport(const v1::PermitReport& report, const Moment& now,
                                                double jitter) const {
  std::vector<store::Record> records;
  DecideSlot(kAllRing, all_, report, now.boot, records);
  DecideSlot(kUsersRing, users_, report, now.boot, records);
  if (IsRefusal(report)) {
    absl::Duration pause = report.has_retry_after() ? FromProto(report.retry_after()) : kPauseDefault;
    pause = std::clamp(pause, kPauseMin, kPauseMax) + jitter * kPauseJitterMax;
    // Requests of one moment may be refused together with different waits: the longest holds.
    pause = std::max(pause, paused_until_ - now.boot);
    storage::BudgetRecord record = record_;
    *record.mutable_paused_until() = ToProto(now.wall + pause);
    // Several requests of one moment may be refused together: that is one incident, lowered once.
    if (paused_until_ <= now.boot) {
      record.set_lowered_limit(std::max<uint32_t>(1, CurrentLimit(now) * kLowerLimitTo));
    }
    *record.mutable_lowered_at() = ToProto(now.wall + pause);
    record.set_refusals(record.refusals() + 1);
    if (report.http_status() == 429) *record.mutable_last_429() = ToProto(now.wall);
    records.push_back(record);
  }
  return records;
}

std::vector<store::Record> Budget::DecideUseAll() const {
  std::vector<store::Record> records;
  if (!record_.all_used()) return records;
  const absl::Duration free_at = FreeAfter(LastArrival(started_));
  for (uint32_t i = 0; i < all_.size(); ++i) records.push_back(SlotOf(kAllRing, i, 0, free_at));
  for (uint32_t i = 0; i < users_.size(); ++i) records.push_back(SlotOf(kUsersRing, i, 0, free_at));
  storage::BudgetRecord record = record_;
  record.clear_all_used();
  records.push_back(record);
  return records;
}

uint32_t Budget::GrantedLastMinute(const Moment& now) const {
  return static_cast<uint32_t>(
      std::count_if(recent_grants_.begin(), recent_grants_.end(),
                    [&](absl::Duration grant) { return grant > now.boot - absl::Minutes(1); }));
}

}  // namespace penstock::coordinator
