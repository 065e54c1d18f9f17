// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "destinations/snowflake/statement_client.h"
#include "destinations/table_profile.h"

namespace penstock::destinations::snowflake {

// What a column's type holds. Instants without a zone are UTC.
enum class Kind { kText, kInstantUtc, kInstantZoned, kInstantLocal, kBoolean, kVariant, kNumber, kDay };

// A column of a table as it stands.
struct Target {
  std::string name;  // quoted
  Kind kind = Kind::kText;
};

// How a table of the profile stands in the schema.
struct Layout {
  bool exists = false;
  std::vector<std::string> missing;  // columns of the profile to add, when it exists
  // The profile's columns in order, then EXTRA and PENSTOCK_SEQ; complete when nothing is missing.
  std::vector<Target> targets;
  Kind loaded_at = Kind::kInstantUtc;
};

struct Layouts {
  std::map<Endpoint, Layout> tables;
  std::set<std::string> bookkeeping;  // which of PENSTOCK_LOADS, PENSTOCK_SET_ASIDE, PENSTOCK_STAGE are there

  bool nothing() const;
};

// In one statement. FAILED_PRECONDITION when an existing table could only take the rows by changing them: it is a view,
// its key folds case, a column has a type that does not hold the values. The message says which and what to do.
absl::StatusOr<Layouts> ReadLayouts(StatementClient* client, const std::string& database,
                                    const std::string& schema, TableNames tables);

}  // namespace penstock::destinations::snowflake
