// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "store/page_plan.h"
#include "store/store.h"

namespace penstock::store {

// What an erasure does, endpoint by endpoint. `last_change` is the source's before it; the last plan has the one after
// it. An id that comes twice counts once. Errors: INVALID_ARGUMENT for an id outside 1 to 1,024 bytes, and those of
// `stored`.
absl::StatusOr<std::vector<PagePlan>> PlanErasure(Erasure erasure, uint64_t last_change, StoredRows& stored);

}  // namespace penstock::store
