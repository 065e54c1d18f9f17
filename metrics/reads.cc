// SPDX-License-Identifier: Apache-2.0
#include "metrics/reads.h"

#include "absl/strings/str_split.h"

namespace penstock::metrics {

std::set<std::string> Reads(absl::string_view sql) {
  std::set<std::string> names;
  bool expected = false;
  for (absl::string_view word : absl::StrSplit(sql, absl::ByAnyChar(" \n\t(),"), absl::SkipEmpty())) {
    if (expected) names.emplace(word);
    expected = word == "FROM" || word == "JOIN";
  }
  return names;
}

}  // namespace penstock::metrics
