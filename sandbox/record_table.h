// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/endpoint.h"
#include "sandbox/column.h"

namespace penstock::sandbox {

struct Property {
  std::string name;
  bool comparable = true;  // strings and integers; the API does not compare booleans and objects
};

// The properties that the vendor publishes for an endpoint, in the order of the wire (alphabetical).
const std::vector<Property>& PublishedProperties(Endpoint endpoint);

// All records of one endpoint, numbered from 0 in the order of the data. Knows nothing of time, faults or
// requests. Const members are thread-safe; the others need the caller's lock.
class RecordTable {
 public:
  virtual ~RecordTable() = default;
  virtual uint32_t size() const = 0;
  // The record as it goes over the wire: one JSON object, the same bytes every time (but see Republish).
  virtual void Append(uint32_t row, std::string* out) const = 0;
  virtual const std::vector<Property>& properties() const = 0;
  // Null when no record can be compared by this property. May take a second when first asked for a rare one.
  virtual const Column* column(absl::string_view property) = 0;
  // The newest `last_updated_time` (Unix ms) that is not later than `unix_ms`, or anything between the two:
  // instants with the same answer have the same records published.
  virtual int64_t LatestBatch(int64_t unix_ms) const { return unix_ms; }
  // Gives all records created on a UTC day a new `last_updated_time`, as the vendor does after a repair. Says
  // whether it did: a folder of files never changes.
  virtual bool Republish(int64_t day_number, int64_t stamp_unix_ms) { return false; }
};

// Reads one property out of every record.
std::unique_ptr<Column> ReadColumn(const RecordTable& table, absl::string_view property);

}  // namespace penstock::sandbox
