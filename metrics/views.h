// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "metrics/dialect.h"
#include "metrics/parameters.h"
#include "metrics/relation.h"

namespace penstock::metrics {

// The records and facts as views of the warehouse, for those who slice them with a tool of their own: V_FREE_TEXT has a
// row for each message with its flags, so that a measure there is one sum. Statements in the order in which they are to
// run; repeatable. What has periods of its own (adoption) is no view. Parameters have a company's
// own values, otherwise their metrics' defaults.
std::vector<std::string> ViewStatements(const Dialect& dialect, const Values& own = {});

// What becomes a view, in the same order: "free_text".
std::vector<std::string> ViewRelations(const Dialect& dialect);
// Each parameter as the first metric has it that knows it and reads the relation.
Values DefaultsFor(const std::string& relation, const Values& own = {});
// "V_FREE_TEXT".
std::string ViewName(const std::string& relation);
// `sql` with the views' names in place of the relations' that it reads.
std::string OverViews(const std::string& sql, const Dialect& dialect);

}  // namespace penstock::metrics
