// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>

#include "absl/strings/string_view.h"

namespace penstock::metrics {

// Which relations a query reads: the words after FROM and JOIN.
std::set<std::string> Reads(absl::string_view sql);

}  // namespace penstock::metrics
