// SPDX-License-Identifier: Apache-2.0
#include "coordinator/split_rule.h"

#include <algorithm>
#include <cmath>

#include "coordinator/limits.h"
#include "coordinator/page_shape.h"
#include "coordinator/window_state.h"
#include "proto/convert.h"

namespace penstock::coordinator {
namespace {

using storage::WindowRecord;

// Records a second over what the current chain has read; 0: unknown.
double Density(const WindowRecord& window) {
  if (!window.has_oldest_read() || !window.has_newest_read()) return 0;
  const double seconds =
      absl::ToDoubleSeconds(FromProto(window.newest_read()) - FromProto(window.oldest_read()));
  return seconds > 0 ? static_cast<double>(window.chain_fetched()) / seconds : 0;
}

}  // namespace

double RecordsLeft(const WindowRecord& window, absl::Time horizon) {
  if (IsSettled(window.state())) return 0;
  const double fetched = static_cast<double>(window.chain_fetched());
  if (window.chain_records() > 0) return std::max(0.0, window.chain_records() - fetched);
  if (window.next_page() == 0 || window.expected() > 0) {
    return std::max(0.0, static_cast<double>(window.expected()) - fetched);
  }
  // Nobody counts: what the density so far lets expect.
  if (!window.has_oldest_read()) return 0;
  const absl::Time bottom = window.has_from() ? std::max(FromProto(window.from()), horizon) : horizon;
  return Density(window) * std::max(0.0, absl::ToDoubleSeconds(FromProto(window.oldest_read()) - bottom));
}

uint32_t PartsOf(double records_left, uint64_t page_records, const Hands& hands) {
  if (hands.idle == 0 || hands.records_left <= 0) return 1;
  const double share = hands.records_left / hands.wanted;
  const double worth = records_left / static_cast<double>(page_records * kPartPagesMin);
  const double parts = std::min({std::round(records_left / share), std::floor(worth), hands.idle + 1.0});
  return static_cast<uint32_t>(std::max(parts, 1.0));
}

std::vector<absl::Time> CutsOf(const WindowRecord& window, absl::Time top, double records_left,
                               uint32_t parts, absl::Time horizon) {
  absl::Time bottom = absl::InfinitePast();
  if (const double density = Density(window); density > 0)
    bottom = top - absl::Seconds(records_left / density);
  if (window.has_from()) bottom = std::max(bottom, FromProto(window.from()));
  if (top > horizon) bottom = std::max(bottom, horizon);
  std::vector<absl::Time> cuts;
  if (bottom == absl::InfinitePast()) return cuts;
  for (uint32_t part = 1; part < parts; ++part) {
    const absl::Time cut = FloorMs(top - (top - bottom) * part / parts);
    if (cut >= (cuts.empty() ? top : cuts.back()) || cut <= bottom) continue;
    cuts.push_back(cut);
  }
  return cuts;
}

}  // namespace penstock::coordinator
