// SPDX-License-Identifier: Apache-2.0
#include "coordinator/order_of_work.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "base/endpoint.h"
#include "base/ids.h"
#include "coordinator/window_state.h"
#include "proto/convert.h"

namespace penstock::coordinator {
namespace {

using storage::WindowRecord;

// Smaller is earlier.
auto Rank(const WindowRecord& window, int out) {
  const bool users = window.endpoint() == static_cast<int>(Endpoint::kUsers);
  const absl::Time top = window.has_to() ? FromProto(window.to()) : absl::InfiniteFuture();
  return std::make_tuple(window.job(), !users, window.next_page() == 0, out, absl::ToUnixMillis(top) * -1,
                         window.number());
}

}  // namespace

std::string WhyNotLeased(const State& state, const WindowRecord& window) {
  const storage::JobRecord& job = *state.FindJob(window.job());
  if (job.state() == storage::JobRecord::PAUSED) return absl::StrCat(JobName(job.number()), " is paused");
  if (job.state() != storage::JobRecord::RUNNING)
    return absl::StrCat(JobName(job.number()), " is not running");
  const storage::SourceRecord& source = state.sources().at(window.source());
  if (state.SettingsOf(window.source()) == nullptr) {
    return absl::StrCat("source ", source.name(), " is not in the configuration of this coordinator");
  }
  if (!source.blocked().empty())
    return absl::StrCat("source ", source.name(), " is blocked: ", source.blocked());
  auto blocked = source.blocked_endpoints().find(window.endpoint());
  if (blocked != source.blocked_endpoints().end())
    return absl::StrCat("its endpoint is blocked: ", blocked->second);
  return "";
}

std::vector<uint64_t> NextWindows(const State& state, const std::function<bool(uint32_t)>& served,
                                  size_t limit) {
  std::map<std::pair<uint64_t, int>, int> out;  // (job, endpoint) -> windows leased
  std::vector<const WindowRecord*> pending;
  for (uint64_t number : state.open_windows()) {
    const WindowRecord& window = *state.FindWindow(number);
    if (window.state() == WindowRecord::LEASED) {
      ++out[{window.job(), window.endpoint()}];
    } else if (served(window.source()) && WhyNotLeased(state, window).empty()) {
      pending.push_back(&window);
    }
  }
  std::vector<uint64_t> chosen;
  while (chosen.size() < limit && !pending.empty()) {
    auto best =
        std::min_element(pending.begin(), pending.end(), [&](const WindowRecord* a, const WindowRecord* b) {
          return Rank(*a, out[{a->job(), a->endpoint()}]) < Rank(*b, out[{b->job(), b->endpoint()}]);
        });
    ++out[{(*best)->job(), (*best)->endpoint()}];
    chosen.push_back((*best)->number());
    pending.erase(best);
  }
  return chosen;
}

}  // namespace penstock::coordinator
