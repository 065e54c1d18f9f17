// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "coordinator/state.h"
#include "proto/admin_service.pb.h"
#include "proto/storage.pb.h"

namespace penstock::coordinator {

// FAILED_PRECONDITION for a source that the state knows and the configuration does not.
absl::Status CheckConfigured(const State& state, uint32_t source);

// A job as asked for, without windows. INVALID_ARGUMENT names an unknown endpoint or an empty range.
absl::StatusOr<storage::JobRecord> NewJob(const State& state, const v1::CreateBackfillRequest& request,
                                          storage::JobRecord::Kind kind, uint32_t source, const Moment& now);

// The newest job that asks for the same and was not cancelled. Null: there is none.
const storage::JobRecord* FindLatest(const State& state, const storage::JobRecord& wanted);
// The same, if it has something left to do: windows, or the loads of what it brought.
const storage::JobRecord* FindUnfinished(const State& state, const storage::JobRecord& wanted);

}  // namespace penstock::coordinator
