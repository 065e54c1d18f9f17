// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/endpoint.h"

namespace penstock {

// The truth that tests compare with: records by id, each as its own text without white space between tokens.
using Records = std::map<std::string, std::string>;

// The text without white space between its tokens, every token as it was spelled.
std::string Minified(absl::string_view json);

Records MinifiedAll(Records records);

// All that a sandbox serves of one endpoint, read page by page without a filter. `key` may be empty.
Records ReadServed(const std::string& base_url, Endpoint endpoint, const std::string& key = "");

// The records of a page, or of a file in the published shape.
Records RecordsOf(const std::string& page);

// What differs, in words, at most a few of each kind; empty: nothing. `got` and `expected` are named in them.
std::vector<std::string> Differences(const Records& got, const Records& expected);

}  // namespace penstock
