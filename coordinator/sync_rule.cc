// SPDX-License-Identifier: Apache-2.0
#include "coordinator/sync_rule.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/endpoint.h"
#include "base/ids.h"
#include "base/instant.h"
#include "base/status_macros.h"
#include "coordinator/confirm.h"
#include "coordinator/limits.h"
#include "coordinator/page_shape.h"
#include "coordinator/traits.h"
#include "coordinator/window_state.h"
#include "proto/convert.h"
#include "proto/worker_service.pb.h"

namespace penstock::coordinator {
namespace {

using storage::EndpointSync;
using storage::EndpointTraits;
using storage::JobRecord;
using storage::WindowRecord;

bool HasEndpoint(const JobRecord& job, int endpoint) {
  return std::find(job.endpoints().begin(), job.endpoints().end(), endpoint) != job.endpoints().end();
}

bool IsRead(const WindowRecord& window) {
  return window.state() == WindowRecord::DONE || window.state() == WindowRecord::SPLIT;
}

bool ReadAll(const State& state, const JobRecord& job, int endpoint) {
  for (uint64_t number : state.WindowsOf(job.number())) {
    const WindowRecord& window = *state.FindWindow(number);
    if (window.endpoint() == endpoint && !IsRead(window)) return false;
  }
  return true;
}

// Everything up to the newest record, of that endpoint.
bool ReadsUpToTheNewest(const JobRecord& job, uint32_t source, int endpoint) {
  return job.kind() == JobRecord::BACKFILL && !job.has_to() && job.source() == source &&
         HasEndpoint(job, endpoint);
}

bool CanRecount(const EndpointTraits& traits) { return !traits.no_stamp_count() && !traits.no_filter(); }

WindowRecord NewWindow(uint64_t job, uint32_t source, int endpoint, uint64_t number,
                       WindowRecord::Purpose purpose, std::optional<absl::Time> from,
                       std::optional<absl::Time> to) {
  WindowRecord window;
  window.set_number(number);
  window.set_job(job);
  window.set_source(source);
  window.set_endpoint(endpoint);
  window.set_axis(v1::LAST_UPDATED_TIME);
  window.set_purpose(purpose);
  window.set_state(WindowRecord::PENDING);
  if (from.has_value()) *window.mutable_from() = ToProto(*from);
  if (to.has_value()) *window.mutable_to() = ToProto(*to);
  return window;
}

// The first day of which the source will not have forgotten anything by the time it has counted.
absl::Time FirstKept(const RoundFacts& facts, absl::Time now) {
  return DayStart(DayNumber(now - facts.retention + kRetentionSlack) + 1);
}

// Whole days only: the store's counters know no others.
absl::Time SpanBegin(const RoundFacts& facts, const WindowRecord& follow, absl::Time now) {
  if (!follow.has_from()) return DayStart(DayNumber(now - facts.retention));
  return DayStart(DayNumber(FromProto(follow.from()) - facts.publication_lag));
}

// The count by which days settle; empty: it was made, or there is none.
std::optional<WindowRecord> DueConfirm(const RoundFacts& facts, const WindowRecord& follow, uint64_t number,
                                       absl::Time now) {
  const bool countable = HasCreatedTime(static_cast<Endpoint>(follow.endpoint())) &&
                         !facts.traits.no_count_path() && !facts.traits.no_filter();
  if (!countable || !facts.complete_from.has_value()) return std::nullopt;
  Confirmations confirmed;
  for (const WindowRecord* window : facts.windows) confirmed.Add(*window);
  if (!confirmed.IsDue()) return std::nullopt;
  const absl::Time begin = std::max(FirstKept(facts, now), *facts.complete_from);
  const absl::Time from = DayStart(DayNumber(begin - absl::Nanoseconds(1)) + 1);
  const absl::Time to = DayStart(DayNumber(now - facts.publication_lag));
  if (from >= to) return std::nullopt;
  WindowRecord confirm = PlanSpan(follow, number, WindowRecord::CONFIRM, from, to);
  confirm.set_axis(v1::CREATED_TIME);
  return confirm;
}

EndpointSync Ended(const RoundFacts& facts, const WindowRecord& follow, bool reread, absl::Time now) {
  EndpointSync sync = facts.known;
  for (const WindowRecord* window : facts.windows) {
    if (!window->has_newest_stamp()) continue;
    const bool newer =
        !sync.has_watermark() || FromProto(window->newest_stamp()) > FromProto(sync.watermark());
    if (newer) *sync.mutable_watermark() = window->newest_stamp();
  }
  sync.set_job(follow.job());
  *sync.mutable_finished() = ToProto(now);
  if (reread || !sync.has_reread()) *sync.mutable_reread() = ToProto(now);
  return sync;
}

}  // namespace

EndpointSync SyncOf(const storage::SourceRecord& source, int endpoint) {
  auto it = source.syncs().find(endpoint);
  return it == source.syncs().end() ? EndpointSync() : it->second;
}

RoundStart StartOf(const State& state, const storage::SourceRecord& source, int endpoint) {
  RoundStart start;
  auto blocked = source.blocked_endpoints().find(endpoint);
  if (blocked != source.blocked_endpoints().end()) {
    start.left_out = absl::StrCat("the source refuses it: ", blocked->second);
    return start;
  }
  const EndpointSync sync = SyncOf(source, endpoint);
  if (sync.has_watermark()) {
    start.since = FromProto(sync.watermark());
    return start;
  }
  for (const auto& [number, job] : state.JobsOfSource(source.id())) {
    if (!ReadsUpToTheNewest(*job, source.id(), endpoint)) continue;
    if (job->state() == JobRecord::RUNNING || job->state() == JobRecord::PAUSED) {
      start.left_out = absl::StrCat("backfill ", JobName(number), " is under way and reads the same");
    } else if (job->state() == JobRecord::DONE && job->has_server_start() && ReadAll(state, *job, endpoint)) {
      start.since = std::max(start.since.value_or(absl::InfinitePast()), FromProto(job->server_start()));
    }
  }
  return start;
}

absl::Time CompleteFrom(const State& state, const storage::SourceRecord& source, int endpoint) {
  std::optional<absl::Time> from;
  for (const auto& [number, job] : state.JobsOfSource(source.id())) {
    if (!ReadsUpToTheNewest(*job, source.id(), endpoint)) continue;
    if (job->state() != JobRecord::DONE || !ReadAll(state, *job, endpoint)) continue;
    const absl::Time begin = job->has_from() ? FromProto(job->from()) : absl::InfinitePast();
    from = std::min(from.value_or(begin), begin);
  }
  // Without a backfill the first round had no watermark and read everything.
  return from.value_or(absl::InfinitePast());
}

WindowRecord PlanFollow(const JobRecord& job, const storage::SourceRecord& source, int endpoint,
                        uint64_t number, std::optional<absl::Time> since, absl::Duration publication_lag) {
  const EndpointTraits traits = TraitsOf(source, endpoint);
  std::optional<absl::Time> from;
  if (since.has_value() && !traits.no_filter()) {
    // The wire knows whole milliseconds: after one is the next; within one it begins anew.
    from = *since == FloorMs(*since) ? *since + absl::Milliseconds(1) : FloorMs(*since);
    if (!CanRecount(traits)) from = *since - publication_lag;
  }
  return NewWindow(job.number(), job.source(), endpoint, number, WindowRecord::FOLLOW, from, std::nullopt);
}

WindowRecord PlanSpan(const WindowRecord& like, uint64_t number, WindowRecord::Purpose purpose,
                      std::optional<absl::Time> from, std::optional<absl::Time> to) {
  return NewWindow(like.job(), like.source(), like.endpoint(), number, purpose, from, to);
}

std::vector<WindowRecord> PlanDays(const WindowRecord& whole, uint64_t first_number, absl::Time now) {
  CHECK(whole.has_from());
  std::vector<WindowRecord> parts;
  const int64_t last = std::max(DayNumber(now), DayNumber(FromProto(whole.from())));
  for (int64_t day = DayNumber(FromProto(whole.from())); day <= last;) {
    const int64_t next = std::max(day + 1, last - kRecountDaysMax + 2);
    const std::optional<absl::Time> to = next > last ? std::nullopt : std::optional(DayStart(next));
    WindowRecord& part = parts.emplace_back(
        PlanSpan(whole, first_number + parts.size(), WindowRecord::RECOUNT, DayStart(day), to));
    part.set_part(true);
    part.set_whole(whole.counted());
    if (whole.has_created_from()) *part.mutable_created_from() = whole.created_from();
    day = next;
  }
  return parts;
}

RoundStep NextStep(const RoundFacts& facts, uint64_t number, absl::Time now) {
  const WindowRecord* follow = nullptr;
  bool counted = false;
  bool reread = false;
  bool all_read = true;
  for (const WindowRecord* window : facts.windows) {
    if (window->purpose() == WindowRecord::FOLLOW) follow = window;
    counted = counted || window->purpose() == WindowRecord::RECOUNT;
    // On the other axis a confirmation's shortfall is read.
    reread = reread || (window->purpose() == WindowRecord::REREAD && window->axis() == v1::LAST_UPDATED_TIME);
    all_read = all_read && IsRead(*window);
  }
  if (follow == nullptr || !IsRead(*follow)) return {};
  if (!counted && CanRecount(facts.traits)) {
    WindowRecord recount =
        PlanSpan(*follow, number, WindowRecord::RECOUNT, SpanBegin(facts, *follow, now), std::nullopt);
    if (HasCreatedTime(static_cast<Endpoint>(follow->endpoint()))) {
      // What the source forgets before it has counted is in neither number.
      *recount.mutable_created_from() = ToProto(FirstKept(facts, now));
    }
    return {recount, std::nullopt};
  }
  if (!all_read) return {};
  const bool brought = follow->counts().inserted() + follow->counts().updated() > 0;
  const bool due = facts.known.has_reread() && now - FromProto(facts.known.reread()) > kRereadSpanEvery;
  if (counted && !reread && brought && due && follow->has_from()) {
    return {PlanSpan(*follow, number, WindowRecord::REREAD, SpanBegin(facts, *follow, now),
                     FromProto(follow->from())),
            std::nullopt};
  }
  if (auto confirm = DueConfirm(facts, *follow, number, now)) return {std::move(confirm), std::nullopt};
  return {std::nullopt, Ended(facts, *follow, reread || !counted, now)};
}

}  // namespace penstock::coordinator
