// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "proto/storage.pb.h"
#include "store/page_plan.h"
#include "store/store.h"

namespace penstock::store {

// The sources of a store with their true last_change. Each store keeps one and takes over BatchPlan::sources
// after the write.
using Sources = std::map<uint32_t, storage::SourceRecord>;

// A whole batch, ready to be written: every record of `records`, every source of `sources`, the pages.
struct BatchPlan {
  std::vector<Record> records;  // for Committed::records; its SourceRecords are in `sources` too
  Sources sources;              // those that the batch names or whose change sequence it moves
  std::vector<PagePlan> pages;  // the page, or an erasure's endpoints
  v1::PageCounts counts;        // the page's
  uint64_t last_change = 0;     // of the source of `pages`; 0 without any
};

// Plans the page, calls `finish` with its counts, and puts the true last_change into every SourceRecord.
// Errors: INVALID_ARGUMENT for a page of a source that neither the store nor the batch knows, and those of
// PlanPage and PlanErasure; nothing has been called or written then.
absl::StatusOr<BatchPlan> PlanBatch(Batch batch, const Sources& sources, StoredRows& stored);

}  // namespace penstock::store
