// SPDX-License-Identifier: Apache-2.0
#include "coordinator/page_decider.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "coordinator/first_seen.h"
#include "coordinator/limits.h"
#include "coordinator/order_of_work.h"
#include "coordinator/page_draft.h"
#include "coordinator/page_shape.h"
#include "coordinator/planner.h"
#include "coordinator/traits.h"
#include "google/protobuf/util/message_differencer.h"
#include "proto/convert.h"

namespace penstock::coordinator {
namespace {

using google::protobuf::util::MessageDifferencer;
using storage::JobRecord;
using storage::WindowRecord;

void AddCounts(const v1::PageCounts& page, storage::Counts& total) {
  total.set_fetched(total.fetched() + page.fetched());
  total.set_inserted(total.inserted() + page.inserted());
  total.set_updated(total.updated() + page.updated());
  total.set_identical(total.identical() + page.identical());
  total.set_older(total.older() + page.older());
  total.set_quarantined(total.quarantined() + page.quarantined());
}

// No record of the window can have been forgotten by the source while it was read.
bool IsWithinRetention(const State& state, const WindowRecord& window, const Moment& now) {
  const SourceSettings* settings = state.SettingsOf(window.source());
  return settings != nullptr && window.has_from() && window.axis() == v1::CREATED_TIME &&
         FromProto(window.from()) > now.wall - settings->retention + kRetentionSlack;
}

// A chain that ended although the server had counted more records than it brought: a next link was missing,
// or rows went away meanwhile. It is read once more; if it falls short again, a person has to look
// (FAULTS 5.26).
WindowRecord EndedShort(const WindowRecord& done) {
  const std::string shortfall = absl::StrCat("the source counts ", done.chain_records(),
                                             " records, its pages brought ", done.chain_fetched());
  WindowRecord again = done;
  again.clear_finished();
  again.set_state(WindowRecord::PENDING);
  BeginChain(again);
  again.set_short_chains(done.short_chains() + 1);
  if (again.short_chains() == 1) return again;
  again.set_state(WindowRecord::PARKED);
  again.set_reason(absl::StrCat(shortfall, ", ", again.short_chains(), " times; what came is stored"));
  return again;
}

// Where the chain stands in the order of created_time. False: the page breaks the order.
bool Follow(WindowRecord& next, const PageShape& shape) {
  const bool in_order = shape.descending && (!next.has_oldest_read() || !shape.newest.has_value() ||
                                             *shape.newest <= FromProto(next.oldest_read()));
  if (next.order() != v1::CREATED_TIME_DESC || !in_order) {
    next.clear_newest_read();
    next.clear_oldest_read();
    return in_order;
  }
  if (!shape.oldest.has_value()) return true;
  const bool same_ms = next.has_oldest_read() &&
                       FloorMs(FromProto(next.oldest_read())) == FloorMs(*shape.newest) &&
                       FloorMs(*shape.newest) == FloorMs(*shape.oldest);
  next.set_oldest_records((same_ms ? next.oldest_records() : 0) + shape.in_oldest_ms);
  if (!next.has_newest_read()) *next.mutable_newest_read() = ToProto(*shape.newest);
  *next.mutable_oldest_read() = ToProto(*shape.oldest);
  return true;
}

// The filter is ignored: what follows is the same for every window of the endpoint.
void Unfilter(const State& state, Draft& draft, const Moment& now) {
  WindowRecord& next = draft.window;
  if (next.purpose() == WindowRecord::CLOSING) {
    FinishDraft(draft, now);
    next.clear_next_link();
    next.set_cut(true);
    next.set_reason("the source ignores $filter: what was stamped meanwhile comes with the next job");
    return;
  }
  GiveWay(state, next, draft.others);
  next.clear_from();
  next.clear_to();
  BeginChain(next);
  YieldDraft(draft);
}

// Ends the chain at the last created_time seen and plans the remainder. `fetched`: of the chain, with this
// page.
void Cut(const State& state, Draft& draft, uint64_t fetched, const Hands& hands, const Moment& now) {
  WindowRecord& window = draft.window;
  if (window.order() != v1::CREATED_TIME_DESC || !window.has_oldest_read()) return;
  const absl::Time horizon = now.wall - state.SettingsOf(window.source())->retention;
  window.set_chain_fetched(fetched);  // for the density; the real counts follow in the batch
  const double left = RecordsLeft(window, horizon);
  const storage::EndpointTraits traits = TraitsOf(draft.source, window.endpoint());
  if (traits.no_filter()) return;
  const uint32_t parts = PartsOf(left, PageRecords(traits), hands);
  if (parts < 2) return;
  // The remainder includes the last millisecond seen: more records of it may follow.
  const absl::Time top = FloorMs(FromProto(window.oldest_read())) + absl::Milliseconds(1);
  if (window.has_to() && top >= FromProto(window.to())) return;
  if (window.has_from() && top <= FromProto(window.from())) return;
  const std::vector<absl::Time> cuts = CutsOf(window, top, left, parts, horizon);
  if (cuts.empty()) return;

  uint64_t number = state.NextWindowNumber();
  std::optional<absl::Time> to = top;
  for (size_t i = 0; i <= cuts.size(); ++i) {
    const std::optional<absl::Time> from =
        i < cuts.size() ? std::optional(cuts[i]) : OptionalTime(window.has_from(), window.from());
    draft.others.push_back(PlanPart(window, number++, window.purpose(), from, to,
                                    static_cast<uint64_t>(left) / (cuts.size() + 1)));
    draft.others.back().set_deadline(window.deadline());
    to = from;
  }
  *window.mutable_from() = ToProto(top);
  window.clear_next_link();
  window.set_cut(true);
  FinishDraft(draft, now);
  const uint64_t above = fetched - std::min(window.oldest_records(), fetched);
  if (!traits.no_count_path() && above > 0) {
    draft.others.push_back(PlanPart(window, number, WindowRecord::CONFIRM, top,
                                    OptionalTime(window.has_to(), window.to()), above));
  }
}

// What a sync's watermark may move to. Stamps beyond the server's Date are odd, and never move it.
void KeepNewestStamp(Draft& draft, const v1::PageHeader& header, const std::vector<v1::Row>& rows,
                     absl::Time now) {
  if (draft.job.kind() != JobRecord::SYNC) return;
  const v1::PermitReport& permit = header.permit();
  // A Date is what a worker says of it: one that is far ahead of us must not carry the watermark away for good.
  const absl::Time limit =
      permit.has_server_date() ? std::min(FromProto(permit.server_date()), now + kServerAheadMax) : now;
  const std::optional<absl::Time> newest = NewestStamp(rows, limit);
  WindowRecord& window = draft.window;
  if (!newest.has_value()) return;
  if (!window.has_newest_stamp() || *newest > FromProto(window.newest_stamp())) {
    *window.mutable_newest_stamp() = ToProto(*newest);
  }
}

bool ReadsRange(const WindowRecord& window) {
  return window.purpose() == WindowRecord::RANGE || window.purpose() == WindowRecord::REREAD;
}

void DecideNext(const State& state, Draft& draft, bool in_order, uint64_t fetched, const Hands& hands,
                const Moment& now) {
  WindowRecord& next = draft.window;
  const bool below_range = next.has_from() && next.has_oldest_read() &&
                           FromProto(next.oldest_read()) < FloorMs(FromProto(next.from()));
  const bool began = next.next_page() == 1;
  if (next.next_link().empty()) {
    FinishDraft(draft, now);
  } else if (ReadsRange(next) && below_range) {
    // The filter is ignored, but the order is kept: all of the range has come.
    FinishDraft(draft, now);
    next.clear_next_link();
    next.set_cut(true);
  } else if (TraitsOf(draft.source, next.endpoint()).no_filter() && (next.has_from() || next.has_to())) {
    Unfilter(state, draft, now);
  } else if (next.order() == v1::CREATED_TIME_DESC && !in_order && began) {
    BeginChain(next);  // in the order that every server keeps
    YieldDraft(draft);
  } else if (draft.job.state() == JobRecord::PAUSED) {
    YieldDraft(draft);
  } else if (hands.waits.has_value() && *hands.waits < UrgencyOf(state, next, now.wall)) {
    YieldDraft(draft);
  } else if (ReadsRange(next)) {
    Cut(state, draft, fetched, hands, now);
  }
}

}  // namespace

void BeginChain(WindowRecord& window) {
  window.set_chain(window.chain() + 1);
  window.set_next_page(0);
  window.clear_next_link();
  window.clear_chain_records();
  window.clear_chain_fetched();
  window.clear_newest_read();
  window.clear_oldest_read();
  window.clear_oldest_records();
}

absl::StatusOr<PageDecision> DecidePage(const State& state, const v1::PageHeader& header,
                                        store::PageWrite page, const Hands& hands, const Moment& now,
                                        double jitter) {
  const WindowRecord& window = *state.FindWindow(header.window());
  RETURN_IF_ERROR(CheckNext(window, header));
  Draft draft = BeginDraft(state, window, header, now.wall);
  WindowRecord& next = draft.window;
  next.set_pages(window.pages() + 1);
  if (header.has_chain_records()) next.set_chain_records(header.chain_records());

  KeepNewestStamp(draft, header, page.rows, now.wall);
  const PageShape shape = ShapeOf(page.rows);
  const bool in_order = Follow(next, shape);
  const auto records = static_cast<uint32_t>(page.rows.size() + page.quarantined.size());
  const storage::EndpointTraits known = TraitsOf(draft.source, window.endpoint());
  const storage::EndpointTraits traits = Learned(known, next, header, shape.dated, in_order);
  if (!MessageDifferencer::Equals(known, traits)) {
    (*draft.source.mutable_traits())[window.endpoint()] = traits;
  }
  DecideNext(state, draft, in_order, window.chain_fetched() + records, hands, now);

  PageDecision decision;
  decision.first_seen = NoteFirstSeen(draft.source, window.endpoint(), header, page.rows, now.wall);
  decision.stop = draft.stop;
  const Budget& budget = state.BudgetOf(window.source());
  decision.batch.records = budget.DecideReport(header.permit(), now, jitter);
  if (!decision.stop) {
    Budget::Grant reserve =
        budget.DecideReserve(static_cast<Endpoint>(window.endpoint()), header.permit(), now);
    decision.reserved = reserve.permit;
    std::move(reserve.records.begin(), reserve.records.end(), std::back_inserter(decision.batch.records));
  }
  PutSource(state, draft, decision.batch.records);
  decision.batch.page = std::move(page);
  const bool new_chain = next.chain() != window.chain();
  decision.batch.finish = [&state, draft = std::move(draft), before = window.chain_fetched(), new_chain,
                           now](const v1::PageCounts& counts) {
    WindowRecord window = draft.window;
    AddCounts(counts, *window.mutable_counts());
    if (!new_chain) window.set_chain_fetched(before + counts.fetched());
    const bool ended = window.state() == WindowRecord::DONE && !window.cut();
    const bool short_of_count = window.chain_fetched() < window.chain_records();
    if (ended && short_of_count && IsWithinRetention(state, window, now)) window = EndedShort(window);
    std::vector<WindowRecord> changed = draft.others;
    changed.push_back(window);
    Records records(changed.begin(), changed.end());
    FollowUp(state, draft.job, draft.source, changed, now, records);
    return records;
  };
  return decision;
}

}  // namespace penstock::coordinator
