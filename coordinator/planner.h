// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "proto/storage.pb.h"

namespace penstock::coordinator {

// A job's windows, numbered from `first_number`. Pure.
//
// Few windows: every window costs at least one request, even an empty one. Users are one window without
// bounds. The other endpoints are cut on created_time: what is older than retention is one window (normally
// empty), the rest is cut into as many equal parts as the endpoint needs to keep several requests on the way
// (DATA_API 6: of 29 records 21 are plugin-resources and 4 interactions). Together an endpoint's windows are
// exactly the job's range, and disjoint.
std::vector<storage::WindowRecord> PlanBackfill(const storage::JobRecord& job, uint64_t first_number,
                                                absl::Time now, absl::Duration retention);

// The endpoint's closing pass: what was stamped since the job's first answer.
storage::WindowRecord PlanClosing(const storage::JobRecord& job, int endpoint, uint64_t number,
                                  absl::Time now);

}  // namespace penstock::coordinator
