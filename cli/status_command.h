// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "cli/command.h"

namespace penstock::cli {

// What runs at a source, what is blocked, how far its destinations are; without a name, of all of them. kDone, or with
// `check` the worst of what a person would have to look at.
absl::StatusOr<ExitCode> ShowStatus(Session& session, const std::string& source, bool check);

}  // namespace penstock::cli
