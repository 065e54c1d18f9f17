// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "coordinator/state.h"
#include "proto/storage.pb.h"
#include "proto/worker_service.pb.h"
#include "store/store.h"

namespace penstock::coordinator {

// What happens to windows, decided over the facts and nothing else: each function returns the records to
// commit. Whoever calls has made sure that the token is the window's and that its lease has not expired.

using Records = std::vector<store::Record>;

storage::WindowRecord Leased(const storage::WindowRecord& window, const v1::LeaseToken& token,
                             const std::string& worker);

// A page that is the next one of its window's chain. The batch writes rows, progress, the permit's fate and,
// with the last page of all, the end of the job, in one.
struct PageDecision {
  store::Batch batch;
  bool stop = false;      // the lease ends with this page
  uint64_t reserved = 0;  // the permit that the batch reserves for the chain's next page; 0: none
};
// FAILED_PRECONDITION for a page that is not the next one. ALREADY_EXISTS for one that is committed: nothing
// to do.
absl::StatusOr<PageDecision> DecidePage(const State& state, const v1::PageHeader& header,
                                        store::PageWrite page, const Moment& now, double jitter);

// The worker gives it back. The whole source or endpoint may be blocked by it.
Records DecideRelease(const State& state, const storage::WindowRecord& window,
                      v1::ReleaseWindowRequest::Reason reason, const std::string& detail, const Moment& now);

// Its lease ended without a word. After kFailedLeasesMax in a row without a page it is parked.
Records DecideExpiry(const State& state, const storage::WindowRecord& window, const Moment& now);

// Parked windows of the job become pending, blocks of its source and of its endpoints are lifted.
Records DecideRetryJob(const State& state, const storage::JobRecord& job);
Records DecideRetryWindow(const State& state, const storage::WindowRecord& window);
// A person asks for these endpoints (again): what refused them before gets another try.
storage::SourceRecord WithoutBlocks(const storage::SourceRecord& source, const storage::JobRecord& job);
// The same for all jobs of a source, as far as blocks are the reason: its credentials changed.
Records DecideUnblock(const State& state, const storage::SourceRecord& source);

// The job leaves RUNNING or PAUSED by hand. `to`: PAUSED, RUNNING or CANCELLED. FAILED_PRECONDITION says from
// where.
absl::StatusOr<Records> DecideJobMove(const State& state, const storage::JobRecord& job,
                                      storage::JobRecord::State to, const Moment& now);

// What the changed windows mean for their job, appended to `records`: closing passes that are due, and the
// job's end. `changed` holds the new versions of windows that `state` does not know yet.
void FollowUp(const State& state, storage::JobRecord job, const std::vector<storage::WindowRecord>& changed,
              const Moment& now, Records& records);

}  // namespace penstock::coordinator
