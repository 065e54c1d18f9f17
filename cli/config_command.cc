// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/json_text.h"
#include "base/status_macros.h"
#include "cli/command.h"
#include "cli/terminal.h"

namespace penstock::cli {
namespace {

template <typename Map>
std::vector<std::string> Names(const Map& map) {
  std::vector<std::string> names;
  for (const auto& [name, unused] : map) names.push_back(name);
  return names;
}

std::string JsonList(const std::vector<std::string>& names) {
  return absl::StrCat(
      "[",
      absl::StrJoin(names, ",",
                    [](std::string* out, const std::string& name) { absl::StrAppend(out, QuoteJson(name)); }),
      "]");
}

absl::StatusOr<ExitCode> Check(Session& session, const std::string& argument) {
  std::string file = argument.empty() ? session.flags().config : argument;
  if (file.empty()) file = session.env().variable("PENSTOCK_CONFIG");
  if (file.empty()) return absl::InvalidArgumentError("config check: name the file");
  ASSIGN_OR_RETURN(Config config, LoadConfig(file));
  RETURN_IF_ERROR(session.env().check_config(config));
  const std::vector<std::string> sources = Names(config.sources);
  const std::vector<std::string> destinations = Names(config.destinations);
  if (session.flags().json) {
    session.out() << "{\"file\":" << QuoteJson(file) << ",\"sources\":" << JsonList(sources)
                  << ",\"destinations\":" << JsonList(destinations) << "}\n";
    return ExitCode::kDone;
  }
  session.out() << Wrap(absl::StrCat(
                            file, " is valid: ", Counted(sources.size(), "source"),
                            sources.empty() ? "" : absl::StrCat(" (", absl::StrJoin(sources, ", "), ")"),
                            ", ", Counted(destinations.size(), "destination"),
                            destinations.empty() ? ""
                                                 : absl::StrCat(" (", absl::StrJoin(destinations, ", "), ")"),
                            "."),
                        session.width(), 2)
                << "\nTo try it:\n  penstock --config " << file << " doctor\n";
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> Example(Session& session) {
  session.out() << ExampleConfig();
  return ExitCode::kDone;
}

}  // namespace

void AddConfigCommands(CLI::App& app, Action& chosen) {
  CLI::App* group =
      AddGroup(app, {"config",
                     "The one file that configures all processes.",
                     {"penstock config example > penstock.yaml", "penstock config check penstock.yaml"}});
  auto file = std::make_shared<std::string>();
  CLI::App* check =
      AddCommand(*group, chosen,
                 {"check",
                  "Read a file and complain about what is wrong, with the line. Opens nothing that it names.",
                  {"penstock config check penstock.yaml"}},
                 [file](Session& session) { return Check(session, *file); });
  check->add_option("file", *file, "The file. Left out: that of --config")->option_text("FILE");
  AddCommand(*group, chosen,
             {"example",
              "A complete file with comments, to begin with.",
              {"penstock config example > penstock.yaml"}},
             Example);
}

}  // namespace penstock::cli
