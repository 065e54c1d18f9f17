// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace penstock::worker {

// A text that must not be seen, and what stands in its place.
struct Hidden {
  std::string text;
  std::string instead;        // empty: nothing does
  bool within_texts = false;  // hidden too where it stands as a word within a longer string
};

// `json`, valid JSON, without the hidden texts: a string that is one of them (letters of either case), a number
// spelled like one, and a string with one in it, if that is asked for, becomes `instead`, or null where there is none
// or where it was only a part. So do names of members, which become empty instead of null. All else stays as it was
// spelled.
std::string WithoutCopies(absl::string_view json, const std::vector<Hidden>& hidden);

}  // namespace penstock::worker
