// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cli/command_tree.h"

namespace penstock::cli {

// A script that teaches a shell the words of the command line: commands, options, the values of options that take
// one of a few, and files and directories for those that name them. It asks no coordinator: a key press spends
// nothing and never waits.
std::string BashCompletion(const std::vector<CommandNode>& commands);
std::string ZshCompletion(const std::vector<CommandNode>& commands);
std::string FishCompletion(const std::vector<CommandNode>& commands);

}  // namespace penstock::cli
