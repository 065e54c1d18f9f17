// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "metrics/dialect.h"
#include "metrics/relation.h"

namespace penstock::metrics {

// The five tables as metrics see them (R4, R5): canonical values, times in milliseconds, flags 0 and 1, nothing that
// differs between warehouses. One row for each row of the table.
//
//   conversation   id user_id route route_key domain type, created_ms utc_day
//   interaction    id conversation_id user_id actor active platform type guide_type label parent_id, of its detail:
//                  content entity subject resource_id form verdict, created_ms updated_ms utc_day tie
//   plugin_call    id conversation_id interaction_id user_id plugin plugin_key served used ok,
//                  created_ms plugin_updated_ms updated_ms utc_day plugin_updated_day tie
//   plugin_resource  id plugin_call_id type resource_id
//   person         id language access first_ms latest_ms first_day latest_day updated_ms
//
// `tie` is the id, ordered by code points: ties go by created_ms, updated_ms, tie (R7). A missing updated_ms is older
// than any other.
std::vector<Relation> RecordViews(const Dialect& dialect);

// A form's name as it is compared (R4): folded, blanks collapsed, without a, an, the and final punctuation. The same of
// a name that somebody configured.
std::string FormSql(const Dialect& dialect, const std::string& text);
std::string FormName(absl::string_view text);

// As enumerations and names are compared: trimmed, letters of ASCII small.
std::string Folded(absl::string_view text);

}  // namespace penstock::metrics
