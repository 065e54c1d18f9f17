// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "proto/row.pb.h"
#include "proto/storage.pb.h"
#include "store/encoding.h"
#include "store/store.h"

namespace penstock::store {

// Between what is stored and what the store's callers see, for all stores alike.

v1::Row ToRow(absl::string_view id, storage::RowRecord record);
v1::Change ToChange(uint64_t number, Endpoint endpoint, absl::string_view id, storage::RowRecord record);
storage::RowPlace PlaceOf(const storage::RowRecord& record);

// Where a fact is put. Two facts with the same key are versions of one.
struct RecordKey {
  Family family;
  std::string key;
};
RecordKey KeyOfRecord(const Record& record);

// The common answers. NOT_FOUND, naming endpoint and id.
absl::Status NoSuchRow(Endpoint endpoint, absl::string_view id);
// OUT_OF_RANGE when a load cursor is beyond the head of the change sequence.
absl::Status CheckCursor(uint64_t after, uint64_t head);

}  // namespace penstock::store
