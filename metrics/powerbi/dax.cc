// SPDX-License-Identifier: Apache-2.0
#include "metrics/powerbi/dax.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/substitute.h"
#include "base/status_macros.h"

namespace penstock::metrics::powerbi {
namespace {

std::string TableName(const std::string& title) {
  return absl::StrCat("'", absl::StrReplaceAll(title, {{"'", "''"}}), "'");
}

// Of a column or a measure.
std::string InBrackets(const std::string& name) {
  return absl::StrCat("[", absl::StrReplaceAll(name, {{"]", "]]"}}), "]");
}

std::string TermDax(const Term& term, const Table& table) {
  const std::string column = absl::StrCat(TableName(table.title), InBrackets(term.column));
  switch (term.how) {
    case Term::How::kRows:
      return absl::StrCat("COUNTROWS(", TableName(table.title), ")");
    case Term::How::kSum:
      return absl::StrCat("SUM(", column, ")");
    case Term::How::kDistinct:
      return absl::StrCat("DISTINCTCOUNTNOBLANK(", column, ")");
  }
  CHECK(false);
}

}  // namespace

std::string Dax(const Measure& measure, const Table& table) {
  if (!measure.dax.empty()) return measure.dax;
  if (!measure.terms.empty()) {
    return absl::StrJoin(measure.terms, " + ", [&](std::string* out, const Term& term) {
      absl::StrAppend(out, TermDax(term, table));
    });
  }
  const std::string denominator = InBrackets(measure.denominator);
  const std::string ratio = absl::Substitute("DIVIDE($0, $1)", InBrackets(measure.numerator), denominator);
  if (measure.at_least == 0) return ratio;
  return absl::Substitute("IF($0 >= $1, $2)", denominator, measure.at_least, ratio);
}

}  // namespace penstock::metrics::powerbi
