// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "cli/command_tree.h"
#include "cli/environment.h"

namespace penstock::cli {

// The whole command line: reads it, does what it says, answers the exit code (cli/exit_code.h). Data goes to
// env.out; complaints go to env.err, one sentence, `penstock: MESSAGE`. No exception leaves it.
int RunCli(int argc, const char* const* argv, CliEnvironment env);

// All that RunCli understands.
std::vector<CommandNode> WholeCommandTree();

}  // namespace penstock::cli
