// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace penstock {

// The word of `choices` that was probably meant: the one with the fewest typing mistakes (a letter too many,
// too few, wrong, or two swapped), if those are at most a third of its letters, at least one. Otherwise
// empty.
std::string NearestWord(absl::string_view typed, const std::vector<std::string>& choices);

// "; did you mean 'state'?", or "" when nothing is near.
std::string DidYouMean(absl::string_view typed, const std::vector<std::string>& choices);

}  // namespace penstock
