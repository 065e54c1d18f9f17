// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "metrics/powerbi/table.h"

namespace penstock::metrics::powerbi {

// The semantic model's tables, from the entries (catalogue.h): what is looked up (date, coverage, conversation, user),
// then one for each relation of facts whose rows some measure counts, or that R6 found no row for. In an order that
// stays. What people wrote is in none of them.
const std::vector<Table>& Tables();

// Each fact finds its day, its conversation and its user; coverage its day.
std::vector<Relationship> Relationships();

inline constexpr char kDate[] = "Date";
inline constexpr char kCoverage[] = "Coverage";
inline constexpr char kConversation[] = "Conversation";
inline constexpr char kUser[] = "User";

}  // namespace penstock::metrics::powerbi
