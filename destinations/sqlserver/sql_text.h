// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace penstock::destinations::sqlserver {

// As fine as PostgreSQL's, and all that Babelfish keeps.
inline constexpr char kInstantType[] = "datetime2(6)";

std::string QuoteName(absl::string_view name);
std::string QuoteText(absl::string_view text);
std::string Qualified(absl::string_view schema, absl::string_view name);  // [schema].[name]
// A literal that every type of instant takes.
std::string InstantLiteral(absl::Time time);
// The objects of the array that "?" takes, as rows of j. `columns`: "[name] type" each.
std::string FromJson(const std::vector<std::string>& columns);

}  // namespace penstock::destinations::sqlserver
