// SPDX-License-Identifier: Apache-2.0
#include "cli/command_tree.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/endpoint.h"

namespace penstock::cli {
namespace {

std::vector<std::string> EndpointNames() {
  std::vector<std::string> names;
  for (const Endpoint endpoint : kAllEndpoints) names.emplace_back(Name(endpoint));
  return names;
}

// CLI11 tells a set of values only in the words of a type: "TEXT:{table,json}".
std::vector<std::string> ChoicesOf(const CLI::Option& option) {
  if (option.check_lname("endpoint") || option.check_lname("endpoints")) return EndpointNames();
  const std::string type = option.get_type_name();
  const size_t from = type.find('{'), to = type.rfind('}');
  if (from == std::string::npos || to == std::string::npos) return {};
  return absl::StrSplit(type.substr(from + 1, to - from - 1), ',');
}

OptionNode NodeOf(const CLI::Option& option) {
  OptionNode node;
  for (const std::string& name : option.get_snames()) node.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) node.names.push_back("--" + name);
  if (option.get_items_expected_max() > 0) node.value = option.get_option_text();
  node.choices = ChoicesOf(option);
  node.description = option.get_description();
  node.required = option.get_required();
  return node;
}

void Append(const CLI::App& app, const std::string& path, std::vector<CommandNode>& nodes) {
  CommandNode node;
  node.path = path;
  node.description = app.get_description();
  for (const CLI::Option* option : app.get_options()) {
    (option->get_positional() ? node.arguments : node.options).push_back(NodeOf(*option));
  }
  const std::vector<const CLI::App*> commands = app.get_subcommands([](const CLI::App*) { return true; });
  for (const CLI::App* command : commands) node.commands.push_back(command->get_name());
  node.examples = absl::StrSplit(app.get_footer(), '\n');
  nodes.push_back(std::move(node));
  for (const CLI::App* command : commands) {
    Append(*command, path.empty() ? command->get_name() : absl::StrCat(path, " ", command->get_name()),
           nodes);
  }
}

}  // namespace

std::vector<CommandNode> Flatten(const CLI::App& root) {
  std::vector<CommandNode> nodes;
  Append(root, "", nodes);
  return nodes;
}

}  // namespace penstock::cli
