// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "metrics/dialect.h"
#include "metrics/frame.h"
#include "metrics/parameters.h"
#include "metrics/relation.h"

namespace penstock::metrics {

// A quarter of an hour: the finest that time zones begin their days at, and the grain of `presence`.
inline constexpr int64_t kQuarterMs = 900'000;

// All relations there are, those of a frame, of the records and of the facts (facts.h), as one system reads them and
// with one choice of parameters; and the WITH clause of those that a query needs.
class WithClause {
 public:
  WithClause(const Values& parameters, const Dialect& dialect);
  WithClause(const Frame& frame, const Values& parameters, const Dialect& dialect);

  // What a question brings along; nothing reads it but the query itself.
  void Append(std::vector<Relation> relations);
  // From here on the relation is read from this table, which has all of its columns that anybody asks for.
  void ReadFrom(const std::string& relation, const std::string& table);

  // What a query needs, as far down as it is not read from tables.
  std::set<std::string> Needs(const std::string& select) const;
  std::string Before(const std::string& select) const;
  // The relation's own text and that of all beneath it: what it is made of.
  std::string Origin(const std::string& relation) const;

 private:
  void AddBelowFrame(const Values& parameters, int64_t quarter);

  const Dialect* dialect_;
  std::vector<Relation> relations_;  // each reads earlier ones only
};

}  // namespace penstock::metrics
