// SPDX-License-Identifier: Apache-2.0
#include "base/ids.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace penstock {
namespace {

absl::StatusOr<uint64_t> ParseNumbered(absl::string_view name, absl::string_view prefix,
                                       absl::string_view example) {
  absl::string_view digits = absl::StripPrefix(name, prefix);
  uint64_t number = 0;
  // SimpleAtoi alone would accept spaces and a sign around the digits.
  const bool only_digits =
      std::all_of(digits.begin(), digits.end(), [](char c) { return absl::ascii_isdigit(c); });
  if (!only_digits || !absl::SimpleAtoi(digits, &number) || number == 0) {
    return absl::InvalidArgumentError(absl::StrCat("'", name, "' is not a name of the form ", example));
  }
  return number;
}

}  // namespace

std::string NewId(Random& random) { return absl::StrCat(absl::Hex(random.Next(), absl::kZeroPad16)); }

std::string JobName(uint64_t job) { return absl::StrCat("job-", job); }
std::string WindowName(uint64_t window) { return absl::StrCat("w-", window); }

absl::StatusOr<uint64_t> ParseJobName(absl::string_view name) {
  return ParseNumbered(name, "job-", "job-12");
}
absl::StatusOr<uint64_t> ParseWindowName(absl::string_view name) {
  return ParseNumbered(name, "w-", "w-1043");
}

}  // namespace penstock
