// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/config.h"
#include "destinations/destination.h"
#include "proto/query.pb.h"
#include "worker/query_answer.h"

namespace penstock::worker {

// What an answer may cost.
struct QueryLimits {
  uint64_t max_rows = 100'000;
  uint64_t max_bytes = 8 << 20;
  absl::Duration time = absl::Minutes(1);
  // Asked about once a second while the destination works. Not OK: the query ends with it.
  std::function<absl::Status()> keep_on = nullptr;
};

// Reads the question, writes the SQL for it, asks the destination, and puts the answer together. The question holds no
// SQL, so nothing runs there but what metrics/ writes; `own` is what the company has of its own, whose file of segments
// is read here. Blocks. INVALID_ARGUMENT: one sentence with the wrong word and the nearest valid choices; otherwise the
// errors of Destination.
absl::StatusOr<QueryResult> AnswerQuery(const v1::Query& query, const DestinationConfig& config,
                                        const MetricsConfig& own, destinations::Destination& destination,
                                        const Clock& clock, const QueryLimits& limits);

}  // namespace penstock::worker
