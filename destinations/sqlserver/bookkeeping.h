// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "destinations/destination.h"
#include "destinations/table_profile.h"

namespace penstock::destinations::sqlserver {

// The SQL text of PENSTOCK_LOADS, PENSTOCK_SET_ASIDE and PENSTOCK_COVERAGE. A "?" takes a JSON array of objects
// (rows_json.h).

std::string CreateLoadsTable(absl::string_view schema);
std::string CreateSetAsideTable(absl::string_view schema);
std::string CreateCoverageTable(absl::string_view schema);
// Until the end of the transaction no other loader moves the cursor.
std::string LockCursor(absl::string_view schema);
// One row: STORE_ID and CHANGE_NUMBER (NULL: nothing is loaded), how many rows are set aside.
std::string SelectCursor(absl::string_view schema);
// The row that is there changes; none is there: InsertCursor.
std::string UpdateCursor(absl::string_view schema, const LoadCursor& to, absl::Time now, uint64_t written);
std::string InsertCursor(absl::string_view schema, const LoadCursor& to, absl::Time now, uint64_t written);
std::string DeleteCursor(absl::string_view schema);
// Rows of the stage are loaded: they are set aside no more.
std::string ForgetSetAside(absl::string_view schema, const Table& table);
// ?: objects with the columns of PENSTOCK_SET_ASIDE. First the versions that were named before go.
std::string DeleteSetAside(absl::string_view schema);
std::string InsertSetAside(absl::string_view schema);
// Columns: ENDPOINT, ID, CHANGE_NUMBER, REASON, and how many there are.
std::string SelectSetAside(absl::string_view schema, size_t limit);
std::string DeleteCoverage(absl::string_view schema);
// ?: objects with the columns of PENSTOCK_COVERAGE.
std::string InsertCoverage(absl::string_view schema);

}  // namespace penstock::destinations::sqlserver
