// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/connection.h"
#include "cli/environment.h"
#include "cli/exit_code.h"

namespace penstock::cli {

// What a command works with.
class Session {
 public:
  Session(CliEnvironment& env, const GlobalFlags& flags) : env_(env), flags_(flags) {}

  CliEnvironment& env() { return env_; }
  std::ostream& out() { return env_.out; }
  const GlobalFlags& flags() const { return flags_; }
  size_t width() const { return static_cast<size_t>(env_.terminal.width); }

  // Connects at the first call.
  absl::StatusOr<AdminConnection*> Admin();
  // The file of --config or PENSTOCK_CONFIG; empty without either.
  absl::StatusOr<Config> LoadedConfig();

  // "penstock --state DIR jobs watch job-12": the command with the --state, --coordinator, --config, --tls-.. and
  // --source that this one was given, so that it can be typed as it stands. Broken with backslashes where it is too
  // wide.
  std::string Next(const std::string& words, size_t indent = 2) const;

 private:
  CliEnvironment& env_;
  GlobalFlags flags_;
  std::unique_ptr<AdminConnection> admin_;
};

// Before what cannot be undone: asks the question on a terminal; true with --yes. INVALID_ARGUMENT where nobody can be
// asked: "`what` cannot be undone; add --yes".
absl::StatusOr<bool> Confirmed(Session& session, const std::string& what, const std::string& question);

using Action = std::function<absl::StatusOr<ExitCode>(Session&)>;

// The command line's tree. `chosen` receives the action of the one command that was typed.
struct CommandText {
  std::string name;
  std::string description;            // one sentence
  std::vector<std::string> examples;  // at least one, each a line to type
};
// A command that only holds others.
CLI::App* AddGroup(CLI::App& parent, const CommandText& text);
CLI::App* AddCommand(CLI::App& parent, Action& chosen, const CommandText& text, Action action);

// One function per file of the same name.
void AddRunCommands(CLI::App& app, Action& chosen);     // run, load
void AddSurveyCommands(CLI::App& app, Action& chosen);  // plan, audit
void AddBackfillCommands(CLI::App& app, Action& chosen);
void AddSyncCommands(CLI::App& app, Action& chosen);
void AddJobsCommands(CLI::App& app, Action& chosen);
void AddStatusCommand(CLI::App& app, Action& chosen);
void AddWindowsCommands(CLI::App& app, Action& chosen);
void AddCoverageCommand(CLI::App& app, Action& chosen);
void AddRowsCommands(CLI::App& app, Action& chosen);
void AddQuarantineCommands(CLI::App& app, Action& chosen);
void AddSourcesCommands(CLI::App& app, Action& chosen);
void AddBudgetCommands(CLI::App& app, Action& chosen);
void AddWorkersCommands(CLI::App& app, Action& chosen);
void AddDestinationsCommands(CLI::App& app, Action& chosen);
void AddForgetCommand(CLI::App& app, Action& chosen);
void AddBackupCommand(CLI::App& app, Action& chosen);
void AddRestoreCommand(CLI::App& app, Action& chosen);
void AddVerifyCommand(CLI::App& app, Action& chosen);
void AddMetricsCommands(CLI::App& app, Action& chosen);
void AddConfigCommands(CLI::App& app, Action& chosen);
void AddCompletionCommand(CLI::App& app, Action& chosen);
void AddHealthCommand(CLI::App& app, Action& chosen);
void AddDoctorCommand(CLI::App& app, Action& chosen);
void AddVersionCommand(CLI::App& app, Action& chosen);

}  // namespace penstock::cli
