// SPDX-License-Identifier: Apache-2.0
#include "coordinator/order_of_work.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "base/endpoint.h"
#include "base/ids.h"
#include "coordinator/page_decider.h"
#include "coordinator/split_rule.h"
#include "coordinator/window_state.h"
#include "proto/convert.h"

namespace penstock::coordinator {
namespace {

using storage::WindowRecord;

using Out = std::map<std::pair<uint64_t, int>, int>;  // (job, endpoint; -1: all of them) -> windows leased

// Smaller is earlier.
auto Rank(const State& state, const WindowRecord& window, Out& out, absl::Time now) {
  const bool users = window.endpoint() == static_cast<int>(Endpoint::kUsers);
  const absl::Time top = window.has_to() ? FromProto(window.to()) : absl::InfiniteFuture();
  return std::make_tuple(UrgencyOf(state, window, now), !IsCount(window), out[{window.job(), -1}],
                         window.job(), !users, window.next_page() == 0,
                         out[{window.job(), window.endpoint()}], absl::ToUnixMillis(top) * -1,
                         window.number());
}

void CountOut(const WindowRecord& window, Out& out) {
  ++out[{window.job(), -1}];
  ++out[{window.job(), window.endpoint()}];
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

WorkClass ClassOf(const State& state, const WindowRecord& window, absl::Time now) {
  if (state.FindJob(window.job())->kind() == storage::JobRecord::SYNC) return WorkClass::kSync;
  if (window.purpose() != WindowRecord::RANGE) return WorkClass::kBackfill;
  const SourceSettings* settings = state.SettingsOf(window.source());
  // Where it goes on: newest first.
  absl::Time position = window.has_to() ? FromProto(window.to()) : now;
  if (window.has_oldest_read()) position = FromProto(window.oldest_read());
  if (settings != nullptr && position < now - settings->retention) return WorkClass::kForgotten;
  return window.deadline() ? WorkClass::kDeadline : WorkClass::kBackfill;
}

Urgency UrgencyOf(const State& state, const WindowRecord& window, absl::Time now) {
  return {ClassOf(state, window, now), -state.FindJob(window.job())->priority()};
}

std::vector<uint64_t> NextWindows(const State& state, const std::function<bool(uint32_t)>& served,
                                  size_t limit, absl::Time now) {
  Out out;
  std::vector<const WindowRecord*> pending;
  for (uint64_t number : state.open_windows()) {
    const WindowRecord& window = *state.FindWindow(number);
    if (window.state() == WindowRecord::LEASED) {
      CountOut(window, out);
    } else if (served(window.source()) && WhyNotLeased(state, window).empty()) {
      pending.push_back(&window);
    }
  }
  std::vector<uint64_t> chosen;
  while (chosen.size() < limit && !pending.empty()) {
    auto best =
        std::min_element(pending.begin(), pending.end(), [&](const WindowRecord* a, const WindowRecord* b) {
          return Rank(state, *a, out, now) < Rank(state, *b, out, now);
        });
    CountOut(**best, out);
    chosen.push_back((*best)->number());
    pending.erase(best);
  }
  return chosen;
}

OpenWork OpenWorkOf(const State& state, uint32_t source, absl::Time now) {
  OpenWork work;
  const SourceSettings* settings = state.SettingsOf(source);
  if (settings == nullptr) return work;
  for (uint64_t number : state.open_windows()) {
    const WindowRecord& window = *state.FindWindow(number);
    if (window.source() != source) continue;
    if (window.state() == WindowRecord::LEASED) {
      ++work.leased;
    } else if (WhyNotLeased(state, window).empty()) {
      ++work.pending;
      const Urgency urgency = UrgencyOf(state, window, now);
      work.most_urgent = std::min(work.most_urgent.value_or(urgency), urgency);
    } else {
      continue;
    }
    work.records_left += RecordsLeft(window, now - settings->retention);
  }
  return work;
}

}  // namespace penstock::coordinator
