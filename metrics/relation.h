// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace penstock::metrics {

// A query that has a name: an entry of a WITH clause when a metric runs, a view when it is installed. It may read any
// relation that stands before it; which ones it does is read from its text (compose.h).
struct Relation {
  std::string name;
  std::string sql;
  bool computed_in_place = false;  // where it is used, so that only the columns needed there are made
};

}  // namespace penstock::metrics
