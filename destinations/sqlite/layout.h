// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "destinations/sqlite/connection.h"
#include "destinations/table_profile.h"

namespace penstock::destinations::sqlite {

// How a table of the profile stands in the file.
struct Layout {
  bool exists = false;
  std::vector<std::string> missing;  // columns to add, when it exists
  bool unique_key = false;           // its id is a primary key or has a unique index
  bool key_index = false;            // an id can be found without reading the whole table
};

// FAILED_PRECONDITION when an existing table could only take the rows by changing them: it is a view, its key
// folds case, a text column turns "007" into a number, one of the columns is computed. The message says which
// and what to do.
absl::StatusOr<Layout> ReadLayout(Connection* connection, const Table& table);

// Whether a table, of any kind, has that name.
absl::StatusOr<bool> TableExists(Connection* connection, const std::string& name);

}  // namespace penstock::destinations::sqlite
