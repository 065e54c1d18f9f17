// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/random.h"

namespace penstock {

// 16 lower-case hex digits: store ids, worker ids, request ids.
std::string NewId(Random& random);

// How people see and type jobs and windows: "job-12", "w-1043". Counters start at different numbers (jobs 1,
// windows 1001), so that a number in the wrong place of a log line stands out.
std::string JobName(uint64_t job);
std::string WindowName(uint64_t window);
// INVALID_ARGUMENT names the word and shows the form. The bare number is accepted too.
absl::StatusOr<uint64_t> ParseJobName(absl::string_view name);
absl::StatusOr<uint64_t> ParseWindowName(absl::string_view name);

}  // namespace penstock
