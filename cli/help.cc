// SPDX-License-Identifier: Apache-2.0
#include "cli/help.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "cli/terminal.h"

namespace penstock::cli {
namespace {

constexpr size_t kWidth = 80;

// "  --from DATE         Where to begin ..." with the text in a column of its own.
std::string Entry(const std::string& left, const std::string& right, size_t column) {
  std::string head = absl::StrCat("  ", left);
  if (head.size() + 2 > column) {
    head += "\n" + std::string(column, ' ');
  } else {
    head += std::string(column - head.size(), ' ');
  }
  // Wrapped on its own, then moved to the right.
  const std::string text = Wrap(right, kWidth - column);
  return absl::StrCat(head, absl::StrJoin(absl::StrSplit(text, '\n'), "\n" + std::string(column, ' ')), "\n");
}

std::string Spelled(const CLI::Option& option) {
  const std::string value =
      option.get_items_expected_max() > 0 ? absl::StrCat(" ", option.get_option_text()) : "";
  if (option.get_positional()) return option.get_option_text();
  std::string name = option.get_name(false, true);
  return absl::StrCat(absl::StrJoin(absl::StrSplit(name, ','), ", "), value);
}

std::string Section(const std::string& title, const std::vector<std::pair<std::string, std::string>>& entries,
                    size_t column) {
  if (entries.empty()) return "";
  std::string text = absl::StrCat("\n", title, ":\n");
  for (const auto& [left, right] : entries) text += Entry(left, right, column);
  return text;
}

}  // namespace

std::string FullName(const CLI::App& app) {
  return app.get_parent() == nullptr ? app.get_name()
                                     : absl::StrCat(FullName(*app.get_parent()), " ", app.get_name());
}

std::string HelpFormatter::make_help(const CLI::App* app, std::string, CLI::AppFormatMode) const {
  std::vector<std::pair<std::string, std::string>> commands, arguments, options;
  for (const CLI::App* sub : app->get_subcommands([](const CLI::App*) { return true; })) {
    commands.emplace_back(sub->get_name(), sub->get_description());
  }
  std::string usage = FullName(*app);
  for (const CLI::Option* option : app->get_options()) {
    auto& list = option->get_positional() ? arguments : options;
    list.emplace_back(Spelled(*option), option->get_description());
    if (option->get_positional()) absl::StrAppend(&usage, " ", option->get_option_text());
    if (!option->get_positional() && option->get_required()) absl::StrAppend(&usage, " ", Spelled(*option));
  }
  if (!commands.empty()) usage += " COMMAND";
  usage += " [OPTIONS]";

  std::string text =
      absl::StrCat(Wrap(app->get_description(), kWidth), "\n\nUsage: ", Wrap(usage, kWidth - 7, 2), "\n");
  text += Section("Commands", commands, 16);
  text += Section("Arguments", arguments, 16);
  text += Section("Options", options, 28);
  if (app->get_parent() != nullptr)
    text += "\n`penstock --help` lists the options that every command takes.\n";
  absl::StrAppend(&text, "\nExamples:\n");
  for (absl::string_view line : absl::StrSplit(app->get_footer(), '\n'))
    absl::StrAppend(&text, "  ", line, "\n");
  return text;
}

}  // namespace penstock::cli
