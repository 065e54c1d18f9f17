// SPDX-License-Identifier: Apache-2.0
#include "cli/app.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/log.h"
#include "base/nearest_word.h"
#include "cli/command.h"
#include "cli/help.h"

namespace penstock::cli {
namespace {

constexpr size_t kReasonBytesMax = 500;

// Empty: it can be said so.
std::string CheckReason(const std::string& reason) {
  return reason.size() <= kReasonBytesMax
             ? ""
             : absl::StrCat("--reason may have at most ", kReasonBytesMax, " bytes");
}

void AddGlobalFlags(CLI::App& app, GlobalFlags& flags, std::string& output) {
  app.add_option("--state", flags.state,
                 "The state directory of a coordinator on this machine [PENSTOCK_STATE]")
      ->option_text("DIR");
  app.add_option("--coordinator", flags.coordinator, "Where a coordinator listens [PENSTOCK_COORDINATOR]")
      ->option_text("HOST:PORT");
  app.add_option("--config", flags.config, "The configuration file [PENSTOCK_CONFIG]")->option_text("FILE");
  app.add_option("--tls-cert", flags.tls.cert_file, "The certificate for a coordinator on another machine")
      ->option_text("FILE");
  app.add_option("--tls-key", flags.tls.key_file, "The certificate's key")->option_text("FILE");
  app.add_option("--tls-ca", flags.tls.ca_file, "Whose certificate the coordinator must have")
      ->option_text("FILE");
  app.add_option("--source", flags.source, "Which source, where there are several")->option_text("NAME");
  app.add_option("--output", output, "table (the default) or json, one line")
      ->option_text("FORMAT")
      ->check(CLI::IsMember({"table", "json"}));
  app.add_option("--reason", flags.reason, "Why, for the coordinator's audit and for whoever finds it so")
      ->option_text("TEXT")
      ->check(CheckReason);
  app.add_flag("--yes", flags.yes, "Do not ask before what cannot be undone");
}

void AddAllCommands(CLI::App& app, Action& chosen) {
  AddRunCommands(app, chosen);
  AddStatusCommand(app, chosen);
  AddCoverageCommand(app, chosen);
  AddSurveyCommands(app, chosen);
  AddBackfillCommands(app, chosen);
  AddSyncCommands(app, chosen);
  AddJobsCommands(app, chosen);
  AddWindowsCommands(app, chosen);
  AddRowsCommands(app, chosen);
  AddQuarantineCommands(app, chosen);
  AddSourcesCommands(app, chosen);
  AddBudgetCommands(app, chosen);
  AddWorkersCommands(app, chosen);
  AddDestinationsCommands(app, chosen);
  AddForgetCommand(app, chosen);
  AddBackupCommand(app, chosen);
  AddRestoreCommand(app, chosen);
  AddVerifyCommand(app, chosen);
  AddMetricsCommands(app, chosen);
  AddConfigCommands(app, chosen);
  AddCompletionCommand(app, chosen);
  AddDoctorCommand(app, chosen);
  AddHealthCommand(app, chosen);
  AddVersionCommand(app, chosen);
}

// The command that was typed, as deep as it was understood.
const CLI::App& Deepest(const CLI::App& app) {
  const std::vector<CLI::App*> parsed = app.get_subcommands();
  return parsed.empty() ? app : Deepest(*parsed.back());
}

// Every option that may stand after `app`: its own and those of the commands above it.
std::vector<std::string> OptionNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* level = &app; level != nullptr; level = level->get_parent()) {
    for (const CLI::Option* option : level->get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
  }
  return names;
}

// What is wrong with the command line, in one sentence that names the word.
std::string Complaint(const CLI::App& root, const CLI::ParseError& error) {
  const CLI::App& command = Deepest(root);
  const std::string name = FullName(command);
  std::vector<std::string> choices;
  for (const CLI::App* sub : command.get_subcommands([](const CLI::App*) { return true; })) {
    choices.push_back(sub->get_name());
  }
  const std::vector<std::string> unknown = root.remaining(true);
  if (!unknown.empty()) {
    const std::string word =
        absl::StartsWith(unknown[0], "--") ? unknown[0].substr(0, unknown[0].find('=')) : unknown[0];
    if (absl::StartsWith(word, "-")) {
      return absl::StrCat("unknown option '", word, "'", DidYouMean(word, OptionNames(command)), "; see `",
                          name, " --help`");
    }
    if (!choices.empty()) {
      return absl::StrCat("'", word, "' is not a command of ", name, DidYouMean(word, choices), "; see `",
                          name, " --help`");
    }
    return absl::StrCat("unexpected word '", word, "' after ", name, "; see `", name, " --help`");
  }
  if (!choices.empty() && command.get_subcommands().empty()) {
    return absl::StrCat("a command is missing after ", name, "; see `", name, " --help`");
  }
  return absl::StrCat(error.what(), "; see `", name, " --help`");
}

int Fail(CliEnvironment& env, const std::string& message, ExitCode code) {
  env.err << "penstock: " << Printable(Redact(message)) << "\n";
  return static_cast<int>(code);
}

int Perform(const Action& action, const GlobalFlags& flags, CliEnvironment& env) {
  Session session(env, flags);
  const absl::StatusOr<ExitCode> result = action(session);
  env.out.flush();
  if (!result.ok()) {
    return Fail(env, std::string(result.status().message()), FromStatus(result.status()));
  }
  if (!env.out) return Fail(env, "the output cannot be written; is the disk full?", ExitCode::kLocalTrouble);
  return static_cast<int>(*result);
}

constexpr char kDescription[] =
    "Copies everything the Moveworks Data API can export into your own warehouse.";

void Build(CLI::App& app, GlobalFlags& flags, std::string& output, Action& chosen) {
  app.formatter(std::make_shared<HelpFormatter>());
  app.set_help_flag("-h,--help", "This text");
  app.fallthrough();
  app.require_subcommand(1);
  app.footer(
      "penstock run --source-url https://api.moveworks.ai/export/v1/records \\\n"
      "    --api-key-file key --state ./state --destination sqlite:warehouse.db\n"
      "penstock --state ./state coverage\n"
      "penstock jobs watch --help");
  AddGlobalFlags(app, flags, output);
  AddAllCommands(app, chosen);
}

}  // namespace

std::vector<CommandNode> WholeCommandTree() {
  GlobalFlags flags;
  std::string output;
  Action chosen;
  CLI::App app(kDescription, "penstock");
  Build(app, flags, output, chosen);
  return Flatten(app);
}

int RunCli(int argc, const char* const* argv, CliEnvironment env) {
  GlobalFlags flags;
  std::string output;
  Action chosen;
  CLI::App app(kDescription, "penstock");
  Build(app, flags, output, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    env.out << Deepest(app).help();
    env.out.flush();
    return static_cast<int>(ExitCode::kDone);
  } catch (const CLI::ParseError& error) {
    return Fail(env, Complaint(app, error), ExitCode::kUsage);
  }
  flags.json = output == "json";
  return Perform(chosen, flags, env);
}

}  // namespace penstock::cli
