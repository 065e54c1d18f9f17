// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "base/found_table.h"
#include "destinations/table_profile.h"

// What every system's Adopt decides alike.
namespace penstock::destinations {

// Of which nothing is known but its name.
FoundTable Named(const Table& table);
// It is there, and cannot take the rows for the reason of `status`.
FoundTable Refused(FoundTable found, const absl::Status& status);

struct Work {
  bool remove = false;
  bool add_key = false;
};
// What is to be done with the table. A key only where it can be: when no id is there twice, or no more then.
Work WorkOn(const FoundTable& found, const AdoptOptions& options);

}  // namespace penstock::destinations
