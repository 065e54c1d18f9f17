// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/core.h"
#include "proto/worker_service.pb.h"

namespace penstock::coordinator {

// Gives the worker loads of the destinations it serves, as far as its capacity goes. A destination is due
// when it lacks changes, when its coverage is not the source's any more, and once after each start of the
// coordinator: only the destination itself knows what it holds, so its load cursor is looked at before it is
// believed. One with an interval is left alone for so long after each load, as long as a job runs and more rows come;
// when none runs it is due at once. One that somebody paused is not due. One lease per destination at a time; a failed
// one waits alone. A verification that somebody waits for goes first, once the destination was looked at or is paused.
void LeaseLoads(Core& core, const Core::Turn& turn, const v1::SyncRequest& request,
                v1::SyncResponse& response);

// Whether the destination, which takes its loads, is still to be told how complete the source's days are: its readers
// are told at the end of each job, and now and then before.
bool LacksCoverage(Core& core, const storage::SourceRecord& source, const std::string& destination);

// The changes after the request's number, in messages of at most about 2 MiB, each handed to `send` outside
// the lock. `send` returns false when the caller has gone.
absl::Status ReadChanges(Core& core, const v1::ReadChangesRequest& request,
                         const std::function<bool(const v1::ReadChangesResponse&)>& send);

absl::StatusOr<v1::ReportLoadResponse> ReportLoad(Core& core, const v1::ReportLoadRequest& request);

}  // namespace penstock::coordinator
