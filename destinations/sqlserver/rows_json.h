// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "destinations/destination.h"
#include "destinations/sqlserver/layout.h"
#include "destinations/table_profile.h"

namespace penstock::destinations::sqlserver {

// Why this row can be sent in no form: its id has U+0000, a text of it is no UTF-8. Empty: it can.
std::string Unfit(const TypedRow& row);

// Rows as the JSON array that FillStage takes: [{"c0":"id","c1":"2026-03-16T06:02:51.061000",..},..]. cN is the
// value of the layout's column N; NULLs are left out. U+0000 in a text becomes U+FFFD, and EXTRA names its column
// (storable.h); JSON is text here, and stands as it came. None of the rows is Unfit.
std::string RowsJson(const Table& table, const Layout& layout, absl::Span<const TypedRow* const> rows);

// For DeleteRows. An id with U+0000 is left out: no key holds it.
std::string IdsJson(absl::Span<const absl::string_view> ids);

// For DeleteSetAside and InsertSetAside, and for InsertCoverage.
std::string SetAsideJson(const std::vector<SetAsideRow>& rows, absl::Time now);
std::string CoverageJson(const std::vector<CoverageDay>& days);

}  // namespace penstock::destinations::sqlserver
