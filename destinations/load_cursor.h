// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "destinations/destination.h"

namespace penstock::destinations {

// LoadCursor::store_id is "STORE@EPOCH+COLUMNS": the number was given by the coordinator that started at that instant.
// Two starts never share it, so an older copy of a store, which numbers other changes alike, is told from the store.
// COLUMNS says which rules for columns the rows were loaded under. "STORE" alone: the epoch is not known, and every
// column is there.
struct StoreEpoch {
  std::string store_id;
  uint64_t epoch = 0;   // 0: not known
  std::string columns;  // empty: nothing was dropped or hashed
};
std::string ToText(const StoreEpoch& store);
StoreEpoch ParseStoreEpoch(const std::string& text);

bool Same(const LoadCursor& left, const LoadCursor& right);

// Whether the rows behind the two were loaded under the same rules for columns.
bool SameColumns(const LoadCursor& left, const LoadCursor& right);

// ABORTED: the destination at `place` holds `found`, where the loader believed in `from`.
absl::Status CursorMoved(absl::string_view place, const LoadCursor& found, const LoadCursor& from);

}  // namespace penstock::destinations
