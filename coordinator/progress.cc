// SPDX-License-Identifier: Apache-2.0
#include "coordinator/progress.h"

#include <algorithm>
#include <map>
#include <optional>

#include "coordinator/window_state.h"
#include "proto/convert.h"

namespace penstock::coordinator {
namespace {

using storage::WindowRecord;

constexpr uint64_t kPageRecords = 500;  // DATA_API 4

uint64_t Pages(uint64_t records) {
  return std::max<uint64_t>(1, (records + kPageRecords - 1) / kPageRecords);
}

// A window without an upper bound ends where the job began.
std::optional<double> Seconds(const storage::JobRecord& job, const WindowRecord& window) {
  if (!window.has_from() || window.purpose() == WindowRecord::CLOSING) return std::nullopt;
  const absl::Time to = window.has_to() ? FromProto(window.to()) : FromProto(job.created());
  if (to <= FromProto(window.from())) return std::nullopt;
  return absl::ToDoubleSeconds(to - FromProto(window.from()));
}

struct Density {
  double records = 0;
  double seconds = 0;
};

}  // namespace

absl::Duration Progress::TimeLeft(uint32_t requests_per_minute) const {
  return absl::Minutes(1) * (static_cast<double>(left) / std::max(requests_per_minute, 1u));
}

Progress Measure(const storage::JobRecord& job, const std::vector<const WindowRecord*>& windows) {
  Progress progress;
  std::map<int, Density> densities;
  std::map<int, bool> closing;
  for (int endpoint : job.endpoints()) closing[endpoint] = false;
  for (const WindowRecord* window : windows) {
    if (window->purpose() == WindowRecord::CLOSING) closing[window->endpoint()] = true;
    const std::optional<double> seconds = Seconds(job, *window);
    if (!seconds.has_value() || window->chain_records() == 0) continue;
    densities[window->endpoint()].records += static_cast<double>(window->chain_records());
    densities[window->endpoint()].seconds += *seconds;
  }
  for (const WindowRecord* window : windows) {
    progress.spent += window->pages();
    if (IsSettled(window->state())) continue;
    if (window->next_page() > 0) {
      const uint64_t total = std::max(window->chain_records(), window->chain_fetched());
      progress.left += Pages(total - window->chain_fetched());
      progress.sized = progress.sized && window->chain_records() > 0;
      continue;
    }
    const Density& density = densities[window->endpoint()];
    const std::optional<double> seconds = Seconds(job, *window);
    if (seconds.has_value() && density.seconds > 0) {
      progress.left += Pages(static_cast<uint64_t>(density.records / density.seconds * *seconds));
    } else {
      progress.left += 1;
      progress.sized = progress.sized && window->purpose() == WindowRecord::CLOSING;
    }
  }
  for (const auto& [endpoint, planned] : closing) progress.left += planned ? 0 : 1;
  return progress;
}

}  // namespace penstock::coordinator
