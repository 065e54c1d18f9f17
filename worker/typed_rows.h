// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "base/config.h"
#include "destinations/destination.h"
#include "proto/row.pb.h"
#include "worker/column_rules.h"

namespace penstock::worker {

// A change that is a row for somebody to see: neither word of an erased one nor what stands for it.
bool IsRow(const v1::Change& change);

// Changes as a destination may see them.
struct TypedRows {
  std::vector<destinations::TypedRow> rows;    // of the store
  std::vector<destinations::TypedRow> erased;  // word of those that are no more
  uint64_t irregular = 0;                      // fields that did not fit their column
};

// Of changes that are all rows, as many rows in their order. Errors of Normalise.
absl::StatusOr<TypedRows> MakeTypedRows(const std::vector<v1::Change>& changes, TableNames tables,
                                        const ColumnRules& columns);

}  // namespace penstock::worker
