// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "destinations/destination.h"
#include "destinations/table_profile.h"
#include "proto/row.pb.h"

namespace penstock::worker {

struct Normalised {
  destinations::TypedRow row;
  // Fields that did not fit their column: NULL there, whole in the store's raw bytes.
  uint32_t irregular = 0;
};

// Raw bytes -> the typed columns of a table. Text columns take strings as they are and numbers by their
// token; booleans take true/false, "true"/"false", 0/1; timestamps become instants; JSON columns keep the
// value's own text. Fields that the table does not know go to `extra`. A missing field equals null.
// INVALID_ARGUMENT only when the raw bytes are not a JSON object, which the store never holds.
absl::StatusOr<Normalised> Normalise(const v1::Change& change, const destinations::Table& table);

}  // namespace penstock::worker
