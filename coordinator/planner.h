// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "proto/storage.pb.h"
#include "proto/worker_service.pb.h"

namespace penstock::coordinator {

// The windows of a job, in the order in which they come to be. Pure; numbers run from `first_number`.
//
//   probe     a count per endpoint: how much there is
//   range     one window for all of it, and before it, where the job will take long, one for the records that
//             the source is about to forget. More windows come to be only when hands are idle (split_rule.h):
//             every window costs at least one request.
//   closing   what was stamped since the job's first answer
//   confirm   a count per endpoint: is all of it stored
//
// Together an endpoint's range windows are exactly the job's range, and disjoint. A server without $filter is
// read whole. Users are one window without bounds.

std::vector<storage::WindowRecord> PlanProbes(const storage::JobRecord& job, uint64_t first_number);

struct RangePlan {
  std::optional<uint64_t> records;  // as the probe counted
  uint64_t page_records = 0;
  bool no_filter = false;
  absl::Duration retention;
  absl::Duration job_time;  // what reading everything that was counted so far will take
};
std::vector<storage::WindowRecord> PlanRange(const storage::JobRecord& job, int endpoint,
                                             uint64_t first_number, const RangePlan& plan, absl::Time now);

storage::WindowRecord PlanClosing(const storage::JobRecord& job, int endpoint, uint64_t number,
                                  absl::Time now);

storage::WindowRecord PlanConfirm(const storage::JobRecord& job, int endpoint, uint64_t number,
                                  std::optional<absl::Time> from, std::optional<absl::Time> to);

// A part of `window`'s endpoint and job that is to be read (again).
storage::WindowRecord PlanPart(const storage::WindowRecord& window, uint64_t number,
                               storage::WindowRecord::Purpose purpose, std::optional<absl::Time> from,
                               std::optional<absl::Time> to, uint64_t expected);

// One count per endpoint and UTC day of [from, to); users: one.
std::vector<storage::WindowRecord> PlanAudit(const storage::JobRecord& job, uint64_t first_number,
                                             absl::Time from, absl::Time to);

}  // namespace penstock::coordinator
