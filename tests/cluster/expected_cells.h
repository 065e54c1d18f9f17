// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "destinations/table_profile.h"
#include "tests/fakes/served_records.h"

namespace penstock {

// A table's rows by key: each column of the profile and EXTRA as text, NULL as "<null>". Penstock's own
// columns are left out.
using Cells = std::map<std::string, std::vector<std::string>>;

// What a record must become, worked out by other code than the worker's own. Covers records whose fields are
// of the published types.
Cells ExpectedCells(const destinations::Table& table, const Records& records);

// What an SQLite file holds. More than one row with the same key fails the test.
Cells SqliteCells(const std::string& file, const destinations::Table& table);

}  // namespace penstock
