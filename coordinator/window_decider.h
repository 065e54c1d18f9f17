// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "coordinator/follow_up.h"
#include "coordinator/state.h"
#include "proto/storage.pb.h"
#include "proto/worker_service.pb.h"
#include "store/store.h"

namespace penstock::coordinator {

// What happens to windows, decided over the facts and nothing else: each function returns the records to
// commit. Whoever calls has made sure that the token is the window's and that its lease has not expired.

// A new chain takes the order that its endpoint is known to keep.
storage::WindowRecord Leased(const State& state, const storage::WindowRecord& window,
                             const v1::LeaseToken& token, const std::string& worker);

// The worker gives it back. The whole source or endpoint may be blocked by it. A request that was refused
// teaches what its endpoint does not understand (traits.h); it is asked again without that.
Records DecideRelease(const State& state, const storage::WindowRecord& window,
                      v1::ReleaseWindowRequest::Reason reason, const std::string& detail, const Moment& now);

// Its lease ended without a word. After kFailedLeasesMax in a row without a page it is parked.
Records DecideExpiry(const State& state, const storage::WindowRecord& window, const Moment& now);

// Parked windows of the job become pending, blocks of its source and of its endpoints are lifted.
Records DecideRetryJob(const State& state, const storage::JobRecord& job);

// FAILED_PRECONDITION: the job has ended. INVALID_ARGUMENT: the priority is beyond 100 either way.
absl::StatusOr<Records> DecidePriority(storage::JobRecord job, int32_t priority);
Records DecideRetryWindow(const State& state, const storage::WindowRecord& window);
// A person asks for these endpoints (again): what refused them before gets another try.
storage::SourceRecord WithoutBlocks(const storage::SourceRecord& source, const storage::JobRecord& job);
// The same for all jobs of a source, as far as blocks are the reason: its credentials changed.
Records DecideUnblock(const State& state, const storage::SourceRecord& source);

// The job leaves RUNNING or PAUSED by hand. `to`: PAUSED, RUNNING or CANCELLED. FAILED_PRECONDITION says from
// where.
absl::StatusOr<Records> DecideJobMove(const State& state, const storage::JobRecord& job,
                                      storage::JobRecord::State to, const Moment& now);

}  // namespace penstock::coordinator
