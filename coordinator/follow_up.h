// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "coordinator/state.h"
#include "proto/storage.pb.h"
#include "store/store.h"

namespace penstock::coordinator {

using Records = std::vector<store::Record>;

const storage::JobRecord& JobOf(const State& state, const storage::WindowRecord& window);

// What the changed windows mean for their job, appended to `records`: closing passes and confirmations that
// are due, and the job's end. `source` and `changed` are the new versions of what `state` does not know yet.
void FollowUp(const State& state, storage::JobRecord job, const storage::SourceRecord& source,
              const std::vector<storage::WindowRecord>& changed, const Moment& now, Records& records);

// A number for one more window: one batch may plan several.
uint64_t FreeWindowNumber(const State& state, const Records& records);

// Every window of the endpoint in this job that still reads a range, but `except`, gives way to one that reads
// everything: a server without $filter answers all of them alike. Appended to `changed`.
void GiveWay(const State& state, const storage::WindowRecord& except,
             std::vector<storage::WindowRecord>& changed);

}  // namespace penstock::coordinator
