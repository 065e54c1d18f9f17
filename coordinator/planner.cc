// SPDX-License-Identifier: Apache-2.0
#include "coordinator/planner.h"

#include <algorithm>
#include <optional>

#include "base/endpoint.h"
#include "coordinator/limits.h"
#include "proto/convert.h"
#include "proto/worker_service.pb.h"

namespace penstock::coordinator {
namespace {

int Parts(Endpoint endpoint) {
  switch (endpoint) {
    case Endpoint::kPluginResources:
      return 4;
    case Endpoint::kInteractions:
      return 2;
    default:
      return 1;
  }
}

storage::WindowRecord NewWindow(const storage::JobRecord& job, int endpoint, uint64_t number,
                                v1::WindowAxis axis) {
  storage::WindowRecord window;
  window.set_number(number);
  window.set_job(job.number());
  window.set_source(job.source());
  window.set_endpoint(endpoint);
  window.set_axis(axis);
  window.set_purpose(storage::WindowRecord::RANGE);
  window.set_state(storage::WindowRecord::PENDING);
  return window;
}

// The inner bounds of an endpoint's windows, newest first. Cut at whole milliseconds, as bounds go over the
// wire.
std::vector<absl::Time> Cuts(Endpoint endpoint, std::optional<absl::Time> from, std::optional<absl::Time> to,
                             absl::Time now, absl::Duration retention) {
  const absl::Time top = std::min(to.value_or(now), now);
  const absl::Time horizon = now - retention;
  const absl::Time bottom = std::max(from.value_or(horizon), horizon);
  std::vector<absl::Time> cuts;
  if (bottom >= top) return cuts;
  const int parts = Parts(endpoint);
  for (int part = parts - 1; part >= 1; --part) {
    cuts.push_back(absl::FromUnixMillis(absl::ToUnixMillis(bottom + (top - bottom) * part / parts)));
  }
  if (!from.has_value() || *from < horizon) cuts.push_back(absl::FromUnixMillis(absl::ToUnixMillis(horizon)));
  return cuts;
}

}  // namespace

std::vector<storage::WindowRecord> PlanBackfill(const storage::JobRecord& job, uint64_t first_number,
                                                absl::Time now, absl::Duration retention) {
  std::vector<storage::WindowRecord> windows;
  const std::optional<absl::Time> from = OptionalTime(job.has_from(), job.from());
  const std::optional<absl::Time> to = OptionalTime(job.has_to(), job.to());
  for (int number : job.endpoints()) {
    const Endpoint endpoint = static_cast<Endpoint>(number);
    if (!HasCreatedTime(endpoint)) {
      windows.push_back(NewWindow(job, number, first_number + windows.size(), v1::LAST_UPDATED_TIME));
      continue;
    }
    std::optional<absl::Time> upper = to;
    std::vector<absl::Time> cuts = Cuts(endpoint, from, to, now, retention);
    for (size_t i = 0; i <= cuts.size(); ++i) {
      storage::WindowRecord window = NewWindow(job, number, first_number + windows.size(), v1::CREATED_TIME);
      const std::optional<absl::Time> lower = i < cuts.size() ? std::optional(cuts[i]) : from;
      if (lower.has_value()) *window.mutable_from() = ToProto(*lower);
      if (upper.has_value()) *window.mutable_to() = ToProto(*upper);
      windows.push_back(std::move(window));
      upper = lower;
    }
  }
  return windows;
}

storage::WindowRecord PlanClosing(const storage::JobRecord& job, int endpoint, uint64_t number,
                                  absl::Time now) {
  storage::WindowRecord window = NewWindow(job, endpoint, number, v1::LAST_UPDATED_TIME);
  window.set_purpose(storage::WindowRecord::CLOSING);
  const absl::Time start = job.has_server_start() ? FromProto(job.server_start()) : FromProto(job.created());
  *window.mutable_from() = ToProto(std::min(start, now) - kClosingOverlap);
  return window;
}

}  // namespace penstock::coordinator
