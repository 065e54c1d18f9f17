// SPDX-License-Identifier: Apache-2.0
#include "coordinator/progress.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "coordinator/confirm.h"
#include "coordinator/page_decider.h"
#include "coordinator/split_rule.h"
#include "coordinator/traits.h"
#include "coordinator/window_state.h"
#include "proto/convert.h"

namespace penstock::coordinator {
namespace {

using storage::JobRecord;
using storage::WindowRecord;

bool IsSized(const WindowRecord& window) {
  if (window.purpose() == WindowRecord::PROBE) return false;
  if (IsCount(window)) return true;
  const bool short_as_a_rule =
      window.purpose() == WindowRecord::CLOSING || window.purpose() == WindowRecord::FOLLOW;
  if (window.next_page() == 0) return window.expected() > 0 || short_as_a_rule;
  return window.chain_records() > 0 || window.expected() > 0;
}

}  // namespace

Progress Measure(const State& state, const JobRecord& job, const std::vector<const WindowRecord*>& windows,
                 absl::Time now) {
  Progress progress;
  const storage::SourceRecord& source = state.sources().at(job.source());
  const SourceSettings* settings = state.SettingsOf(job.source());
  const absl::Time horizon = now - (settings != nullptr ? settings->retention : SourceSettings().retention);
  std::set<int> closing;
  std::set<int> confirmed;
  for (const WindowRecord* window : windows) {
    if (window->purpose() == WindowRecord::CLOSING) closing.insert(window->endpoint());
    if (ConfirmsWhole(*window)) confirmed.insert(window->endpoint());
    progress.spent += window->pages() + (IsCount(*window) && window->next_page() > 0 ? 1 : 0);
    if (IsSettled(window->state())) continue;
    progress.sized = progress.sized && IsSized(*window);
    const double records = IsCount(*window) ? 0 : RecordsLeft(*window, horizon);
    const auto page = static_cast<double>(PageRecords(TraitsOf(source, window->endpoint())));
    progress.left += std::max<uint64_t>(1, static_cast<uint64_t>(std::ceil(records / page)));
  }
  if (job.kind() != JobRecord::BACKFILL) return progress;
  for (int endpoint : job.endpoints()) {
    const storage::EndpointTraits traits = TraitsOf(source, endpoint);
    if (!closing.contains(endpoint) && !traits.no_filter()) ++progress.left;
    if (!confirmed.contains(endpoint) && !traits.no_count_path()) ++progress.left;
  }
  return progress;
}

}  // namespace penstock::coordinator
