// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace penstock::cli {

// The command line as plain data, for what is made from it and so cannot drift from it: shell completion
// (cli/completion.h) and the manual page (cli/manual_page.h).
struct OptionNode {
  std::vector<std::string> names;    // as typed: "-h", "--help"; empty: a word without a name
  std::string value;                 // what stands for its value in the help: "FILE"; empty: it takes none
  std::vector<std::string> choices;  // the only values that it takes; empty: any
  std::string description;
  bool required = false;
};
struct CommandNode {
  std::string path;  // "jobs watch"; empty: penstock itself
  std::string description;
  std::vector<OptionNode> options;    // its own; those of penstock itself may follow every command
  std::vector<OptionNode> arguments;  // words without a name, in order
  std::vector<std::string> commands;  // the words that may follow the path
  std::vector<std::string> examples;
};

// Penstock itself first, each command before those in it, in the help's order.
std::vector<CommandNode> Flatten(const CLI::App& root);

}  // namespace penstock::cli
