// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "base/status_macros.h"
#include "coordinator/confirm.h"
#include "coordinator/follow_up.h"
#include "coordinator/limits.h"
#include "coordinator/page_decider.h"
#include "coordinator/page_draft.h"
#include "coordinator/planner.h"
#include "coordinator/sync_rule.h"
#include "coordinator/traits.h"
#include "proto/convert.h"

namespace penstock::coordinator {
namespace {

using storage::JobRecord;
using storage::WindowRecord;

// What everything that the job's probes have counted so far will take to read.
absl::Duration JobTime(const State& state, const WindowRecord& probe) {
  uint64_t pages = 0;
  for (uint64_t number : state.WindowsOf(probe.job())) {
    const WindowRecord& window = number == probe.number() ? probe : *state.FindWindow(number);
    if (window.purpose() != WindowRecord::PROBE) continue;
    const uint64_t page = PageRecords(TraitsOf(state.sources().at(window.source()), window.endpoint()));
    pages += (window.counted() + page - 1) / page;
  }
  return absl::Minutes(1) * pages / std::max(state.BudgetOf(probe.source()).limits().per_minute, 1u);
}

void AfterProbe(const State& state, Draft& draft, const Moment& now) {
  const storage::EndpointTraits traits = TraitsOf(draft.source, draft.window.endpoint());
  RangePlan plan;
  if (draft.window.has_counted()) plan.records = draft.window.counted();
  plan.page_records = PageRecords(traits);
  plan.no_filter = traits.no_filter();
  plan.retention = state.SettingsOf(draft.window.source())->retention;
  plan.job_time = JobTime(state, draft.window);
  draft.others = PlanRange(draft.job, draft.window.endpoint(), state.NextWindowNumber(), plan, now.wall);
}

// Compares, and plans what a shortfall calls for.
absl::Status Pursue(const State& state, Draft& draft, std::optional<absl::Time> from,
                    std::optional<absl::Time> to, uint64_t counted, const StoredRecords& stored,
                    const Moment& now) {
  const storage::EndpointTraits traits = TraitsOf(draft.source, draft.window.endpoint());
  ASSIGN_OR_RETURN(const std::optional<Shortfall> shortfall,
                   Compare(from, to, counted, stored, PageRecords(traits), now.wall));
  if (!shortfall.has_value()) return absl::OkStatus();
  const uint64_t number = state.NextWindowNumber() + draft.others.size();
  if (!shortfall->middle.has_value() || traits.no_filter()) {
    draft.others.push_back(PlanPart(draft.window, number, WindowRecord::REREAD, from, to, counted));
    return absl::OkStatus();
  }
  WindowRecord& half = draft.others.emplace_back(
      PlanPart(draft.window, number, WindowRecord::CONFIRM, from, shortfall->middle, 0));
  half.set_part(true);
  half.set_whole(counted);
  if (to.has_value()) *half.mutable_whole_to() = ToProto(*to);
  return absl::OkStatus();
}

// Whether it is the last confirmation of its endpoint that the job may make, so that nothing follows from it.
bool IsLastConfirm(const State& state, const WindowRecord& window) {
  Confirmations confirmed;
  for (uint64_t number : state.WindowsOf(window.job())) {
    const WindowRecord& other = *state.FindWindow(number);
    if (other.endpoint() == window.endpoint()) confirmed.Add(other);
  }
  return ConfirmsWhole(window) && confirmed.made >= kConfirmsMax;
}

absl::Status AfterConfirm(const State& state, Draft& draft, const StoredRecords& stored, const Moment& now) {
  WindowRecord& window = draft.window;
  const bool bounded = window.has_from() || window.has_to();
  if (bounded && TraitsOf(draft.source, window.endpoint()).no_filter()) return absl::OkStatus();
  const std::optional<absl::Time> from = OptionalTime(window.has_from(), window.from());
  const std::optional<absl::Time> to = OptionalTime(window.has_to(), window.to());
  // After a cut: what its chain brought is enough to know, and cheap to know.
  if (window.expected() > 0 && window.counted() <= window.expected()) {
    window.set_stored(window.expected());
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const uint64_t here, stored.count(from, to));
  window.set_stored(here);
  // An audit counts each day once.
  if (draft.job.kind() != JobRecord::AUDIT && IsLastConfirm(state, window)) return absl::OkStatus();
  if (!window.part()) return Pursue(state, draft, from, to, window.counted(), stored, now);

  const std::optional<absl::Time> whole_to = OptionalTime(window.has_whole_to(), window.whole_to());
  ASSIGN_OR_RETURN(const uint64_t beyond, stored.count(to, whole_to));
  if (window.counted() >= window.whole() && beyond > 0) {
    // A part as large as the whole: its count does not look at the filter, and proves nothing.
    (*draft.source.mutable_traits())[window.endpoint()].set_no_count_path(true);
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(Pursue(state, draft, from, to, window.counted(), stored, now));
  const uint64_t rest = window.whole() - std::min(window.counted(), window.whole());
  return Pursue(state, draft, to, whole_to, rest, stored, now);
}

// Reads again what the source has more of: the whole where that is little, otherwise the days that lack.
absl::Status AfterRecount(const State& state, Draft& draft, const StoredRecords& stored, const Moment& now) {
  WindowRecord& window = draft.window;
  const absl::Time from = FromProto(window.from());
  const std::optional<absl::Time> to = OptionalTime(window.has_to(), window.to());
  const std::optional<absl::Time> created = OptionalTime(window.has_created_from(), window.created_from());
  const uint64_t number = state.NextWindowNumber();
  const auto reread = [&] { draft.others = {PlanSpan(window, number, WindowRecord::REREAD, from, to)}; };
  const auto distrust = [&] { (*draft.source.mutable_traits())[window.endpoint()].set_no_stamp_count(true); };
  if (!window.has_counted()) {
    distrust();
    reread();
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const uint64_t here, stored.stamped(from, to, created));
  window.set_stored(here);
  if (window.counted() <= here) return absl::OkStatus();
  const uint64_t page_records = PageRecords(TraitsOf(draft.source, window.endpoint()));
  if (!window.part() && window.counted() > kRereadPagesMax * page_records) {
    draft.others = PlanDays(window, number, now.wall);
    return absl::OkStatus();
  }
  if (window.part() && to.has_value() && window.counted() >= window.whole()) {
    // A day as large as all of them, although others hold rows: its count does not look at the filter.
    ASSIGN_OR_RETURN(const uint64_t beyond, stored.stamped(*to, std::nullopt, created));
    if (beyond > 0) distrust();
  }
  reread();
  return absl::OkStatus();
}

}  // namespace

bool IsCount(const WindowRecord& window) {
  return window.purpose() == WindowRecord::PROBE || window.purpose() == WindowRecord::CONFIRM ||
         window.purpose() == WindowRecord::RECOUNT;
}

absl::StatusOr<PageDecision> DecideCount(const State& state, const v1::PageHeader& header,
                                         store::PageWrite page, const StoredRecords& stored,
                                         const Moment& now, double jitter) {
  const WindowRecord& window = *state.FindWindow(header.window());
  RETURN_IF_ERROR(CheckNext(window, header));
  if (!page.rows.empty() || !page.quarantined.empty() || !header.next_link().empty()) {
    return absl::InvalidArgumentError("a count has no rows and no next link");
  }
  Draft draft = BeginDraft(state, window, header, now.wall);
  FinishDraft(draft, now);
  if (header.has_chain_records()) {
    draft.window.set_counted(header.chain_records());
  } else if (window.purpose() != WindowRecord::RECOUNT) {
    (*draft.source.mutable_traits())[window.endpoint()].set_no_count_path(true);
  }
  if (window.purpose() == WindowRecord::RECOUNT) {
    RETURN_IF_ERROR(AfterRecount(state, draft, stored, now));
  } else if (window.purpose() == WindowRecord::CONFIRM) {
    if (draft.window.has_counted()) RETURN_IF_ERROR(AfterConfirm(state, draft, stored, now));
  } else if (draft.job.kind() == JobRecord::BACKFILL) {
    AfterProbe(state, draft, now);
  }
  PageDecision decision;
  decision.stop = true;
  decision.batch.page = std::move(page);
  decision.batch.records = state.BudgetOf(window.source()).DecideReport(header.permit(), now, jitter);
  PutSource(state, draft, decision.batch.records);
  std::vector<WindowRecord> changed = draft.others;
  changed.push_back(draft.window);
  Records follow(changed.begin(), changed.end());
  FollowUp(state, draft.job, draft.source, changed, now, follow);
  decision.batch.finish = [follow = std::move(follow)](const v1::PageCounts&) { return follow; };
  return decision;
}

}  // namespace penstock::coordinator
