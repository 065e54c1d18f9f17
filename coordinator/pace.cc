// SPDX-License-Identifier: Apache-2.0
#include "coordinator/pace.h"

#include <algorithm>
#include <cmath>

#include "coordinator/limits.h"
#include "proto/convert.h"

namespace penstock::coordinator {
namespace {

// The weight of a new measurement: about the last twenty count.
constexpr double kNewest = 0.1;

void Mix(absl::Duration measured, std::optional<absl::Duration>& known) {
  known = known.has_value() ? *known * (1 - kNewest) + measured * kNewest : measured;
}

}  // namespace

void Pace::LearnCount(const v1::PermitReport& report) {
  if (report.fate() != v1::ANSWERED || report.http_status() != 200 || !report.has_time_to_first_byte())
    return;
  Mix(FromProto(report.time_to_first_byte()), first_byte_);
}

void Pace::LearnPage(const v1::PermitReport& report) {
  LearnCount(report);
  if (report.has_body_time() && report.http_status() == 200) Mix(FromProto(report.body_time()), body_);
}

uint32_t Pace::ChainsWanted(uint32_t limit) const {
  const double per_second = limit / absl::ToDoubleSeconds(kBudgetWindow + first_byte());
  const double chains = std::ceil(per_second * absl::ToDoubleSeconds(page_time()));
  return static_cast<uint32_t>(std::clamp(chains + kSpareChains, 1.0, static_cast<double>(kChainsMax)));
}

absl::Duration Pace::PerRequest(uint32_t limit, uint32_t hands) const {
  const absl::Duration budget = (kBudgetWindow + first_byte()) / std::max(limit, 1u);
  return hands == 0 ? budget : std::max(budget, page_time() / hands);
}

}  // namespace penstock::coordinator
