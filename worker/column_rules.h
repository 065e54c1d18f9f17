// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/config.h"
#include "destinations/destination.h"

namespace penstock::worker {

// Whether what the destination's `columns` name is there and may be dropped or hashed. INVALID_ARGUMENT names the place
// in the file, the word and the columns to choose from.
absl::Status CheckColumns(const DestinationConfig& config);
// Of all destinations.
absl::Status CheckColumns(const Config& config);

// What a destination's `columns` ask for. A dropped column stays empty; a hashed one holds the keyed hash of its text
// (NULL stays NULL). In a table with such a column EXTRA is empty as well, since nobody knows what unknown fields
// hold, and copies of those texts go from its JSON columns (json_copies.h). Rows of other tables are left as they are.
class ColumnRules {
 public:
  ColumnRules() = default;  // nothing is dropped or hashed

  // Errors of CheckColumns, and of the key's file.
  static absl::StatusOr<ColumnRules> Open(const DestinationConfig& config);

  // Says which rules these are, and under which key, without telling the key; empty: nothing is dropped or hashed. It
  // stands in the load cursor, so that a destination is loaded again when they change.
  const std::string& fingerprint() const { return fingerprint_; }

  // The row as the destination may hold it.
  void Apply(destinations::TypedRow& row) const;

 private:
  struct Column {
    size_t place = 0;  // in the row
    bool hash = false;
  };

  std::map<Endpoint, std::vector<Column>> tables_;
  std::string key_;
  std::string fingerprint_;
};

}  // namespace penstock::worker
