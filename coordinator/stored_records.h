// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "coordinator/confirm.h"
#include "coordinator/core.h"

namespace penstock::coordinator {

// What the core's store has of the window's endpoint. A quarantined record has no readable created_time: it
// counts for every range that its window touched.
StoredRecords Stored(const Core& core, const storage::WindowRecord& window);

}  // namespace penstock::coordinator
