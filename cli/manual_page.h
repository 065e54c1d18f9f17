// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cli/command_tree.h"

namespace penstock::cli {

// penstock(1) for `man`: every command with its options and examples, exit codes, environment, files.
std::string ManualPage(const std::vector<CommandNode>& commands, const std::string& version);

}  // namespace penstock::cli
