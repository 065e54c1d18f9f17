// SPDX-License-Identifier: Apache-2.0
#include "tests/sync/publisher.h"

#include "base/endpoint.h"

namespace penstock {
namespace {

const absl::Duration kDay = absl::Hours(24);

int RowsOf(Endpoint endpoint) {
  switch (endpoint) {
    case Endpoint::kConversations:
      return 12;
    case Endpoint::kInteractions:
      return 45;
    case Endpoint::kPluginCalls:
      return 35;
    case Endpoint::kPluginResources:
      return 250;
    default:
      return 3;
  }
}

}  // namespace

void Publisher::PlanDay(absl::Time midnight) {
  for (Endpoint endpoint : kAllEndpoints) {
    PlanBatch(endpoint, midnight);
    if (dice_.Fraction() < 0.75)
      updates_.emplace(midnight + absl::Hours(2) + dice_.Fraction() * absl::Hours(20), endpoint);
  }
}

void Publisher::PlanBatch(Endpoint endpoint, absl::Time midnight) {
  const absl::Time stamp =
      midnight + absl::Minutes(122) + static_cast<int>(endpoint) * absl::Milliseconds(51'061);
  const int rows = RowsOf(endpoint);
  const absl::Time day = midnight - kDay;
  const double fate = dice_.Fraction();
  if (fate < 0.55) {
    coming_.emplace(stamp, Part{endpoint, day, rows, stamp});
  } else if (fate < 0.70) {
    ++happened_.halves;
    const absl::Time second = stamp + absl::Hours(1) + dice_.Fraction() * absl::Hours(39);
    coming_.emplace(stamp, Part{endpoint, day, rows - rows / 2, stamp});
    coming_.emplace(second, Part{endpoint, day, rows / 2, stamp});
  } else if (fate < 0.80) {
    ++happened_.late;
    const absl::Time late = stamp + absl::Hours(30);
    coming_.emplace(late, Part{endpoint, day, rows, late});
  } else if (fate < 0.90) {
    ++happened_.held_back;
    const absl::Time later = stamp + kDay * static_cast<int>(1 + dice_.Next() % 6) + absl::Hours(5);
    coming_.emplace(later, Part{endpoint, day, rows, later});
  } else {
    ++happened_.quiet;
  }
}

void Publisher::PublishUntil(absl::Time now, absl::Duration boot) {
  while (!coming_.empty() && coming_.begin()->first <= now) {
    Publish(coming_.begin()->second, boot);
    coming_.erase(coming_.begin());
  }
  while (!updates_.empty() && updates_.begin()->first <= now) {
    Update(updates_.begin()->second, updates_.begin()->first, boot);
    updates_.erase(updates_.begin());
  }
  const absl::Time horizon = now - 30 * kDay;
  if (horizon < forgotten_until_ + kDay) return;
  tenant_.ForgetBefore(horizon, boot);
  forgotten_until_ = horizon;
}

void Publisher::Publish(const Part& part, absl::Duration boot) {
  for (int i = 0; i < part.rows; ++i) {
    tenant_.Add(part.endpoint, part.day + dice_.Fraction() * kDay, part.stamp, boot);
  }
  if (part.rows > 0) published_.insert(part.endpoint);
}

void Publisher::Update(Endpoint endpoint, absl::Time stamp, absl::Duration boot) {
  for (int i = 0; i < 4; ++i) {
    const std::string id = tenant_.Pick(endpoint, dice_);
    if (id.empty() || !tenant_.Find(endpoint, id)->visible()) continue;
    tenant_.Restamp(endpoint, id, stamp, boot);
    published_.insert(endpoint);
    ++happened_.updates;
  }
}

}  // namespace penstock
