// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "metrics/dialect.h"
#include "metrics/with_clause.h"

namespace penstock::metrics {

// Facts that a destination keeps as tables beside its rows, because to make them takes longer than one waits for an
// answer. They are made whole and all at once, at one load cursor, with a company's own values of
// parameters or else their defaults; the table
// PENSTOCK_FACTS says which and how. A question may use one when it would be made now by the very same SQL, of the rows
// that the destination has now; otherwise it goes to the tables, which is slower and never wrong.
struct KeptFacts {
  bool there = false;                               // some are
  bool current = false;                             // they are made of the rows that are there now
  std::map<std::string, std::string> made_by = {};  // relation -> what tells its SQL from others

  // Lets `with` read kept tables for all that `select` needs. False: it needs more than is kept, or it is kept of other
  // rows or settings; `with` is then of no use.
  bool Use(const std::string& select, const Dialect& dialect, WithClause* with) const;
};

// relation, made_by, current: what is there. The statement's NOT_FOUND means that nothing is.
std::string KeptSql(const Dialect& dialect);
KeptFacts ReadKept(const std::vector<std::vector<std::optional<std::string>>>& rows);

// Statements that make all of them, in one transaction over one snapshot in which the load cursor stays. Repeatable:
// new tables take the place of the old ones at the end.
std::vector<std::string> KeptStatements(const Dialect& dialect, const Values& own = {});
// What is made, in the same order: "free_text".
std::vector<std::string> KeptRelations();
// "PENSTOCK_FACT_FREE_TEXT".
std::string KeptTable(const std::string& relation);

}  // namespace penstock::metrics
