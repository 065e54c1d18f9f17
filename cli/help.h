// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace penstock::cli {

// Help within 80 columns: what the command does, how it is typed, its commands, its options, examples. The
// options that every command takes stand in the help of `penstock` itself; the others point there.
class HelpFormatter final : public CLI::FormatterBase {
 public:
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override;
};

// "penstock jobs watch".
std::string FullName(const CLI::App& app);

}  // namespace penstock::cli
