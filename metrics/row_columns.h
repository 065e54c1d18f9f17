// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace penstock::metrics {

// What is shown of a counted row beside its id and time: whose it is, and what tells why it counts.
struct RowColumn {
  std::string name;
  std::string sql;
  bool number = false;
};
// Of a relation of facts (facts.h), over its rows `t` and, where `asks` says so, the interaction `q` of a call. CHECKs
// that it is one that metrics count.
std::vector<RowColumn> RowColumns(absl::string_view facts);
// Whether its rows are plugin calls, whose question stands in another row.
bool AsksInteraction(absl::string_view facts);

}  // namespace penstock::metrics
