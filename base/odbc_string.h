// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace penstock {

// An ODBC connection string: "KEY=VALUE;KEY={a value; with a }} brace}". Keys are compared without regard to case.
using OdbcPairs = std::vector<std::pair<std::string, std::string>>;

// INVALID_ARGUMENT: a pair has no '=', or a brace does not end. Never repeats a value.
absl::StatusOr<OdbcPairs> ParseOdbcString(absl::string_view text);

// With braces where a value needs them.
std::string FormatOdbcString(const OdbcPairs& pairs);

// The value of the first of these keys that is there; empty: of none.
std::string OdbcValue(const OdbcPairs& pairs, const std::vector<std::string>& keys);

}  // namespace penstock
