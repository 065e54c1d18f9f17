// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "destinations/sqlserver/connection.h"
#include "destinations/table_profile.h"

namespace penstock::destinations::sqlserver {

// What a column's type holds. Instants without a zone are UTC; datetime has thousandths at most.
enum class Kind { kText, kInstantUtc, kInstantThousandths, kInstantZoned, kBit, kNumber };

// A column of a table as it stands. Its type is written as SQL takes it: "nvarchar(850)".
struct Target {
  std::string name;  // quoted
  std::string type;
  std::string collation;  // of text
  Kind kind = Kind::kText;

  friend bool operator==(const Target& left, const Target& right) {
    return left.name == right.name && left.type == right.type && left.collation == right.collation;
  }
};

// How a table of the profile stands in the schema.
struct Layout {
  bool exists = false;
  std::vector<std::string> missing;  // columns of the profile to add, when it exists
  bool unique_key = false;           // an id cannot be there twice
  bool key_index = false;            // an id can be found without reading the whole table
  bool indexable = true;             // the key is short enough for an index
  // The profile's columns in order, then EXTRA and PENSTOCK_SEQ; complete when nothing is missing.
  std::vector<Target> targets;
};

struct Layouts {
  std::map<Endpoint, Layout> tables;
  std::set<std::string>
      bookkeeping;  // which of PENSTOCK_LOADS, PENSTOCK_SET_ASIDE, PENSTOCK_COVERAGE are there
};

// All tables of the profile. FAILED_PRECONDITION when an existing one could only take the rows by changing them:
// it is a view, its unique key folds case, a column has a type that does not hold the values. The message says
// which and what to do.
absl::StatusOr<Layouts> ReadLayouts(Connection* connection, const std::string& schema, TableNames tables);

}  // namespace penstock::destinations::sqlserver
