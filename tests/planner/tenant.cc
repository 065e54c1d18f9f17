// SPDX-License-Identifier: Apache-2.0
#include "tests/planner/tenant.h"

#include <algorithm>

#include "base/instant.h"

namespace penstock {
namespace {

constexpr int kRecordsPerConversation = 29;
constexpr uint64_t kConversationsPerUser = 12;

constexpr int Children(Endpoint endpoint) {
  switch (endpoint) {
    case Endpoint::kConversations:
      return 1;
    case Endpoint::kInteractions:
      return 4;
    case Endpoint::kPluginCalls:
      return 3;
    case Endpoint::kPluginResources:
      return 21;
    default:
      return 0;
  }
}

// Of a full hour's conversations.
double Density(absl::Time hour) {
  const absl::CivilHour civil = absl::ToCivilHour(hour, absl::UTCTimeZone());
  const absl::Weekday day = absl::GetWeekday(absl::CivilDay(civil));
  const bool weekend = day == absl::Weekday::saturday || day == absl::Weekday::sunday;
  const bool office = civil.hour() >= 8 && civil.hour() < 18;
  return (weekend ? 0.15 : 1.0) * (office ? 1.0 : 0.12);
}

absl::Time Millisecond(absl::Time time) { return absl::FromUnixMillis(absl::ToUnixMillis(time)); }

// `count` moments spread over these hours by their density.
std::vector<absl::Time> Spread(const std::vector<absl::Time>& hours, uint64_t count, Random& random) {
  double total = 0;
  for (absl::Time hour : hours) total += Density(hour);
  std::vector<absl::Time> moments;
  double due = 0;
  for (absl::Time hour : hours) {
    due += static_cast<double>(count) * Density(hour) / total;
    while (static_cast<double>(moments.size()) < due && moments.size() < count) {
      moments.push_back(Millisecond(hour + random.Fraction() * absl::Hours(1)));
    }
  }
  return moments;
}

}  // namespace

Tenant Tenant::Busy(absl::Time now, int days, uint64_t records, uint64_t seed) {
  SeededRandom random(seed);
  std::vector<absl::Time> hours;
  for (int hour = days * 24; hour >= 1; --hour) hours.push_back(now - absl::Hours(hour));
  Tenant tenant;
  tenant.Fill(Spread(hours, records / kRecordsPerConversation, random), random);
  return tenant;
}

Tenant Tenant::Sparse(absl::Time now, uint64_t records, int bursts, uint64_t seed) {
  SeededRandom random(seed);
  std::vector<absl::Time> hours;
  for (int burst = 0; burst < bursts; ++burst) {
    const absl::Time start = now - absl::Hours(24 * 365) + absl::Hours(24 * 365) * burst / bursts;
    for (int hour = 0; hour < 24 * 7; ++hour) hours.push_back(start + absl::Hours(hour));
  }
  Tenant tenant;
  tenant.Fill(Spread(hours, records / kRecordsPerConversation, random), random);
  return tenant;
}

void Tenant::Fill(const std::vector<absl::Time>& conversations, Random& random) {
  for (Endpoint endpoint : kAllEndpoints) {
    std::vector<absl::Time>& created = created_[endpoint];
    for (absl::Time start : conversations) {
      for (int child = 0; child < Children(endpoint); ++child) {
        // A conversation's records are a few minutes apart; resources of one answer share their moment.
        const absl::Duration after = endpoint == Endpoint::kConversations
                                         ? absl::ZeroDuration()
                                         : absl::Seconds(static_cast<int64_t>(random.Fraction() * 20) * 10);
        created.push_back(start + after);
      }
    }
    std::sort(created.rbegin(), created.rend());
  }
  users_ = conversations.size() / kConversationsPerUser;
}

const std::vector<absl::Time>& Tenant::Created(Endpoint endpoint) const { return created_.at(endpoint); }

uint64_t Tenant::Records(Endpoint endpoint) const {
  return endpoint == Endpoint::kUsers ? users_ : created_.at(endpoint).size();
}

Tenant::Slice Tenant::Between(Endpoint endpoint, absl::Time from, absl::Time to) const {
  if (endpoint == Endpoint::kUsers) return {0, users_};
  const std::vector<absl::Time>& created = created_.at(endpoint);
  const auto newer = [](absl::Time a, absl::Time b) { return a >= b; };
  // Newest first: those before `first` are at or after `to`.
  const auto first = std::lower_bound(created.begin(), created.end(), to, newer);
  const auto last = std::lower_bound(first, created.end(), from, newer);
  return {static_cast<uint64_t>(first - created.begin()), static_cast<uint64_t>(last - first)};
}

}  // namespace penstock
