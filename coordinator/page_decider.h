// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "coordinator/confirm.h"
#include "coordinator/follow_up.h"
#include "coordinator/split_rule.h"
#include "proto/worker_service.pb.h"

namespace penstock::coordinator {

// What a commit does, decided over the facts and nothing else. Whoever calls has made sure that the token is
// the window's and that its lease has not expired.

// A page that is the next one of its window's chain. The batch writes rows, progress, the permit's fate and
// what follows (a cut and its remainder, a closing pass, the end of the job) in one.
struct PageDecision {
  store::Batch batch;
  bool stop = false;      // the lease ends with this page
  uint64_t reserved = 0;  // the permit that the batch reserves for the chain's next page; 0: none
  std::vector<storage::SeenField> first_seen;  // fields that no page had before
};
// FAILED_PRECONDITION for a page that is not the next one. ALREADY_EXISTS for one that is committed: nothing
// to do.
absl::StatusOr<PageDecision> DecidePage(const State& state, const v1::PageHeader& header,
                                        store::PageWrite page, const Hands& hands, const Moment& now,
                                        double jitter);

// The answer of a PROBE or CONFIRM, a page without rows: what is planned from it is in the same batch. Errors
// as above, and those of `stored`; INVALID_ARGUMENT for a page with rows.
absl::StatusOr<PageDecision> DecideCount(const State& state, const v1::PageHeader& header,
                                         store::PageWrite page, const StoredRecords& stored,
                                         const Moment& now, double jitter);

// Whether the window asks for a number instead of pages.
bool IsCount(const storage::WindowRecord& window);

// A chain that begins again keeps what it committed; its pages are read again and change nothing that is the
// same.
void BeginChain(storage::WindowRecord& window);

}  // namespace penstock::coordinator
