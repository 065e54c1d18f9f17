// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace penstock::metrics {

enum class ParameterKind {
  kNames,   // a list, compared without regard to case
  kForms,   // a list of form names, compared after R4 (canonical.h)
  kGlobs,   // a list of names, with * and ?
  kNumber,  // a whole number, from 0
  kChoice,
  kRatings,  // label=1..5
  kHours,    // plugin=hours, hours with at most three decimals
};

// Every parameter of every metric has its name, meaning and default here and nowhere else.
struct Parameter {
  std::string name;
  ParameterKind kind = ParameterKind::kNames;
  std::vector<std::string> defaults;  // one for each item; a number and a choice have one
  std::vector<std::string> choices;
  std::string help;
};

const std::vector<Parameter>& AllParameters();
// CHECKs that there is one.
const Parameter& ParameterNamed(absl::string_view name);

// A parameter's items as somebody gave them.
using Values = std::map<std::string, std::vector<std::string>>;

// What people type: items parted by commas. INVALID_ARGUMENT names the word and the valid choices.
absl::StatusOr<std::vector<std::string>> ParseItems(const Parameter& parameter, absl::string_view text);

// The same of items that are apart already.
absl::Status CheckItems(const Parameter& parameter, const std::vector<std::string>& items);

// The plugins that Moveworks itself brings; every other name is taken for a custom one.
const std::vector<std::string>& NativePlugins();

}  // namespace penstock::metrics
