// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "sandbox/options.h"

namespace penstock::sandbox {

struct CommandLine {
  SandboxOptions options;
  std::string report_file;  // empty: none
  std::string help;         // not empty: print it and do nothing else
};

// The flags of penstock-sandbox, without the program's name. INVALID_ARGUMENT names the flag and what it
// wants.
absl::StatusOr<CommandLine> ParseCommandLine(const std::vector<std::string>& words);

}  // namespace penstock::sandbox
