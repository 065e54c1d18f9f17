// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "coordinator/follow_up.h"
#include "coordinator/state.h"
#include "proto/worker_service.pb.h"

namespace penstock::coordinator {

// What one commit changes beside its rows, while it is being decided.
struct Draft {
  storage::WindowRecord window;
  storage::JobRecord job;
  storage::SourceRecord source;
  std::vector<storage::WindowRecord> others;  // planned by it, or ended by it
  bool stop = false;                          // the lease ends
};

// FAILED_PRECONDITION unless it is the next page of its chain; ALREADY_EXISTS when it is committed.
absl::Status CheckNext(const storage::WindowRecord& window, const v1::PageHeader& header);

// The window moved on by this page; what the server's Date teaches.
Draft BeginDraft(const State& state, const storage::WindowRecord& window, const v1::PageHeader& header,
                 absl::Time now);
void FinishDraft(Draft& draft, const Moment& now);
// The window waits for a worker again, its cursor kept.
void YieldDraft(Draft& draft);
// Puts the source into the batch if it differs from the facts.
void PutSource(const State& state, const Draft& draft, Records& records);

}  // namespace penstock::coordinator
