// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "coordinator/core.h"
#include "proto/admin_service.pb.h"

namespace penstock::coordinator {

// What is left to be done for an erasure (storage.proto), once it was asked for. All of it is found again from
// hashes, so that a restart goes on where it was.

struct ErasureWork {
  uint32_t source = 0;
  uint64_t number = 0;
  bool sweep = false;  // SweepStore; otherwise FinishErasure
};
// The caller is inside a turn. Empty: nothing is due.
std::optional<ErasureWork> DueErasure(Core& core);

// The destinations of the erasure's source, and why each may still hold rows of it; also those that were loaded
// once and that no configuration names now. The caller is inside a turn.
std::vector<v1::ErasureWait> WaitsOf(Core& core, const storage::ErasureRecord& erasure);

// Verifications that are over: their differences name rows. The caller is inside a turn.
void DropVerifications(Core& core, uint32_t source);

// Erases from the store whatever belongs to the people of an erasure, then marks it as erased here. Reads without a
// turn, and enters for each part that it commits. CANCELLED soon after `stop` became true.
absl::Status SweepStore(Core& core, uint32_t source, uint64_t number, std::atomic<bool>& stop);

// Takes the word of an erasure out of the change sequence, because every destination heard it, then marks it as
// finished. Turns and `stop` likewise.
absl::Status FinishErasure(Core& core, uint32_t source, uint64_t number, std::atomic<bool>& stop);

}  // namespace penstock::coordinator
