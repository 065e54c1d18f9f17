// SPDX-License-Identifier: Apache-2.0
#include "coordinator/why.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "base/instant.h"
#include "coordinator/admin_views.h"
#include "coordinator/hands.h"
#include "coordinator/limits.h"
#include "coordinator/order_of_work.h"
#include "coordinator/page_decider.h"

namespace penstock::coordinator {
namespace {

using storage::JobRecord;
using storage::WindowRecord;

std::string WhatItDid(const WindowRecord& window) {
  if (!IsCount(window)) {
    return absl::StrCat("done: ", window.pages(), " pages, ", window.counts().fetched(), " records",
                        window.cut() ? "; the rest of its range went to other windows" : "",
                        window.reason().empty() ? "" : "; ", window.reason());
  }
  if (!window.has_counted()) return "done: the source cannot count";
  if (window.purpose() == WindowRecord::PROBE) return absl::StrCat("done: ", window.counted(), " records");
  return absl::StrCat("done: the source counted ", window.counted(), " records, ", window.stored(),
                      " are stored");
}

// What stands before a pending window for which no hand is free.
std::string WhyNoHand(Core& core, const WindowRecord& window, const Moment& now) {
  const std::vector<uint64_t> line = NextWindows(
      core.state(), [&](uint32_t source) { return source == window.source(); }, SIZE_MAX, now.wall);
  const auto place = std::find(line.begin(), line.end(), window.number());
  const uint32_t capacity = CapacityOf(core, window.source(), now);
  if (capacity == 0) return "no worker that reads from this source is connected";
  return absl::StrCat("waiting for a worker with a free hand, ", place - line.begin(), " ahead, ", capacity,
                      capacity == 1 ? " hand" : " hands");
}

}  // namespace

std::string WhyNoPermit(Core& core, const PermitAsk& ask, const Moment& now) {
  const Budget& budget = core.state().BudgetOf(ask.source);
  if (budget.paused_until() > now.boot) {
    return absl::StrCat("the source asked to wait; ", FormatSpan(budget.paused_until() - now.boot), " left");
  }
  const uint32_t ahead = core.desk().Ahead(ask);
  const absl::Duration each = kBudgetWindow / std::max(budget.CurrentLimit(now), 1u);
  const absl::Duration wait =
      std::max(budget.ReadyAt(ask.endpoint, now) - now.boot, absl::ZeroDuration()) + ahead * each;
  std::string why = absl::StrCat("waiting for budget, ", ahead, " ahead, ", FormatSpan(wait));
  for (const PermitAsk& other : core.desk().Waiting(ask.source)) {
    if (other.urgency.work >= ask.urgency.work) continue;
    absl::StrAppend(&why, "; ",
                    other.urgency.work == WorkClass::kSync ? "sync " : "what the source forgets soon, ",
                    JobName(other.job), " first");
    break;
  }
  return why;
}

v1::ExplainWindowResponse ExplainWindow(Core& core, const WindowRecord& window, const Moment& now) {
  v1::ExplainWindowResponse answer;
  *answer.mutable_window() = WindowView(window);
  const std::string name = WindowName(window.number());
  switch (window.state()) {
    case WindowRecord::DONE:
      answer.set_why(WhatItDid(window));
      return answer;
    case WindowRecord::SPLIT:
      answer.set_why(window.reason().empty()
                         ? "another window reads its range: the source does not look at $filter"
                         : window.reason());
      return answer;
    case WindowRecord::PARKED:
      answer.set_why(window.reason());
      answer.set_next_step(absl::StrCat("penstock windows retry ", name));
      return answer;
    case WindowRecord::CANCELLED:
      answer.set_why("its job was cancelled; what it had fetched stays");
      return answer;
    case WindowRecord::LEASED: {
      const Lease* lease = core.leases().FindWindow(window.number());
      if (lease != nullptr && !lease->trouble.empty()) {
        answer.set_why(lease->trouble);
        return answer;
      }
      for (const PermitAsk& ask : core.desk().Waiting(window.source())) {
        if (ask.window != window.number()) continue;
        answer.set_why(WhyNoPermit(core, ask, now));
        return answer;
      }
      answer.set_why(absl::StrCat("worker ", window.worker(), " reads page ", window.next_page(),
                                  " of chain ", window.chain()));
      return answer;
    }
    default:
      break;
  }
  const std::string why_not = WhyNotLeased(core.state(), window);
  if (!why_not.empty()) {
    answer.set_why(why_not);
    const bool paused = core.state().FindJob(window.job())->state() == JobRecord::PAUSED;
    answer.set_next_step(
        absl::StrCat("penstock jobs ", paused ? "resume " : "retry ", JobName(window.job())));
  } else if (core.workers().empty()) {
    answer.set_why("no worker is connected");
    answer.set_next_step("penstock workers list");
  } else {
    answer.set_why(WhyNoHand(core, window, now));
  }
  return answer;
}

}  // namespace penstock::coordinator
