// SPDX-License-Identifier: Apache-2.0
#include "coordinator/planner.h"

#include <algorithm>

#include "base/endpoint.h"
#include "base/instant.h"
#include "coordinator/limits.h"
#include "coordinator/page_shape.h"
#include "proto/convert.h"

namespace penstock::coordinator {
namespace {

using storage::JobRecord;
using storage::WindowRecord;

v1::WindowAxis AxisOf(int endpoint) {
  return HasCreatedTime(static_cast<Endpoint>(endpoint)) ? v1::CREATED_TIME : v1::LAST_UPDATED_TIME;
}

WindowRecord NewWindow(const JobRecord& job, int endpoint, uint64_t number, WindowRecord::Purpose purpose) {
  WindowRecord window;
  window.set_number(number);
  window.set_job(job.number());
  window.set_source(job.source());
  window.set_endpoint(endpoint);
  window.set_axis(AxisOf(endpoint));
  window.set_purpose(purpose);
  window.set_state(WindowRecord::PENDING);
  return window;
}

void SetBounds(WindowRecord& window, std::optional<absl::Time> from, std::optional<absl::Time> to) {
  window.clear_from();
  window.clear_to();
  if (!HasCreatedTime(static_cast<Endpoint>(window.endpoint()))) return;
  if (from.has_value()) *window.mutable_from() = ToProto(*from);
  if (to.has_value()) *window.mutable_to() = ToProto(*to);
}

// Where the records end that would be forgotten before their turn; empty: none would.
std::optional<absl::Time> DeadlineCut(const RangePlan& plan, std::optional<absl::Time> from,
                                      std::optional<absl::Time> to, absl::Time now) {
  if (plan.records.value_or(0) < kDeadlinePagesMin * plan.page_records) return std::nullopt;
  const absl::Time horizon = now - plan.retention;
  const absl::Time cut = FloorMs(horizon + plan.job_time * 1.5 + kDeadlineSlack);
  if (from.has_value() && *from >= cut) return std::nullopt;
  if (cut >= to.value_or(now)) return std::nullopt;
  return cut;
}

}  // namespace

std::vector<WindowRecord> PlanProbes(const JobRecord& job, uint64_t first_number) {
  std::vector<WindowRecord> windows;
  for (int endpoint : job.endpoints()) {
    WindowRecord& window =
        windows.emplace_back(NewWindow(job, endpoint, first_number + windows.size(), WindowRecord::PROBE));
    SetBounds(window, OptionalTime(job.has_from(), job.from()), OptionalTime(job.has_to(), job.to()));
  }
  return windows;
}

std::vector<WindowRecord> PlanRange(const JobRecord& job, int endpoint, uint64_t first_number,
                                    const RangePlan& plan, absl::Time now) {
  std::optional<absl::Time> from = OptionalTime(job.has_from(), job.from());
  std::optional<absl::Time> to = OptionalTime(job.has_to(), job.to());
  if (plan.no_filter) from = to = std::nullopt;
  std::vector<WindowRecord> windows = {NewWindow(job, endpoint, first_number, WindowRecord::RANGE)};
  windows[0].set_expected(plan.records.value_or(0));
  SetBounds(windows[0], from, to);
  if (plan.no_filter || !HasCreatedTime(static_cast<Endpoint>(endpoint))) return windows;
  const std::optional<absl::Time> cut = DeadlineCut(plan, from, to, now);
  if (!cut.has_value()) return windows;
  SetBounds(windows[0], cut, to);
  WindowRecord& tail = windows.emplace_back(NewWindow(job, endpoint, first_number + 1, WindowRecord::RANGE));
  SetBounds(tail, from, cut);
  tail.set_deadline(true);
  // About as much as the part of what the source keeps that it is.
  const absl::Time bottom = std::max(from.value_or(absl::InfinitePast()), now - plan.retention);
  const double share = absl::FDivDuration(*cut - bottom, std::min(to.value_or(now), now) - bottom);
  tail.set_expected(static_cast<uint64_t>(static_cast<double>(*plan.records) * std::clamp(share, 0.0, 1.0)));
  windows[0].set_expected(*plan.records - tail.expected());
  return windows;
}

WindowRecord PlanClosing(const JobRecord& job, int endpoint, uint64_t number, absl::Time now) {
  WindowRecord window = NewWindow(job, endpoint, number, WindowRecord::CLOSING);
  window.set_axis(v1::LAST_UPDATED_TIME);
  const absl::Time start = job.has_server_start() ? FromProto(job.server_start()) : FromProto(job.created());
  *window.mutable_from() = ToProto(std::min(start, now) - kClosingOverlap);
  return window;
}

WindowRecord PlanConfirm(const JobRecord& job, int endpoint, uint64_t number, std::optional<absl::Time> from,
                         std::optional<absl::Time> to) {
  WindowRecord window = NewWindow(job, endpoint, number, WindowRecord::CONFIRM);
  SetBounds(window, from, to);
  return window;
}

WindowRecord PlanPart(const WindowRecord& window, uint64_t number, WindowRecord::Purpose purpose,
                      std::optional<absl::Time> from, std::optional<absl::Time> to, uint64_t expected) {
  WindowRecord part;
  part.set_number(number);
  part.set_job(window.job());
  part.set_source(window.source());
  part.set_endpoint(window.endpoint());
  part.set_axis(AxisOf(window.endpoint()));
  part.set_purpose(purpose);
  part.set_state(WindowRecord::PENDING);
  part.set_expected(expected);
  SetBounds(part, from, to);
  return part;
}

std::vector<WindowRecord> PlanAudit(const JobRecord& job, uint64_t first_number, absl::Time from,
                                    absl::Time to) {
  std::vector<WindowRecord> windows;
  for (int endpoint : job.endpoints()) {
    if (!HasCreatedTime(static_cast<Endpoint>(endpoint))) {
      windows.push_back(PlanConfirm(job, endpoint, first_number + windows.size(), {}, {}));
      continue;
    }
    for (absl::Time begin = from; begin < to;) {
      const absl::Time end = std::min(to, DayStart(DayNumber(begin) + 1));
      windows.push_back(PlanConfirm(job, endpoint, first_number + windows.size(), begin, end));
      begin = end;
    }
  }
  return windows;
}

}  // namespace penstock::coordinator
