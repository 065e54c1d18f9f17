// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "destinations/postgres/connection.h"
#include "destinations/table_profile.h"

namespace penstock::destinations::postgres {

// How a value travels to a column.
enum class Wire { kText, kInstant, kBoolean, kJsonb, kInteger };

// A column of a table as it stands. Its type is written as the server writes it: "character varying(40)".
struct Target {
  std::string name;  // quoted
  std::string type;
  Wire wire = Wire::kText;
  bool text_stamp = false;  // the deciding stamp, kept as text: read before it is compared
  bool comparable = true;   // json has no equality; its text has

  friend bool operator==(const Target& left, const Target& right) {
    return left.name == right.name && left.type == right.type;
  }
};

// How a table of the profile stands in the schema.
struct Layout {
  bool exists = false;
  std::vector<std::string> missing;  // columns of the profile to add, when it exists
  bool unique_key = false;           // a unique index that ON CONFLICT can name
  bool key_index = false;            // an id can be found without reading the whole table
  bool mine = true;                  // the role may alter it
  // The profile's columns in order, then EXTRA and PENSTOCK_SEQ; complete when nothing is missing.
  std::vector<Target> targets;
};

// All tables of the profile. FAILED_PRECONDITION when an existing one could only take the rows by changing
// them: it is a view, its key folds case, a column has a type that does not hold the values. The message says
// which and what to do.
absl::StatusOr<std::map<Endpoint, Layout>> ReadLayouts(Connection* connection, const std::string& schema,
                                                       TableNames tables);
// One of them.
absl::StatusOr<Layout> ReadLayout(Connection* connection, const std::string& schema, const Table& table);

}  // namespace penstock::destinations::postgres
