// SPDX-License-Identifier: Apache-2.0
#include "cli/manual_page.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace penstock::cli {
namespace {

// What no command says of itself.
constexpr char kEnd[] = R"(.SH EXIT STATUS
.TP
.B 0
All that was asked is complete, loads included.
.TP
.B 1
Finished, but parked windows, quarantined records, rows that a destination set aside, a paused destination or a
cancelled job need a look; they are named.
.TP
.B 2
The command line or the configuration; nothing was done.
.TP
.B 3
The source refused: 401, 403, 410.
.TP
.B 4
Coordinator, source or destination cannot be reached.
.TP
.B 5
A check found a difference, or an alarm stands.
.TP
.B 6
Local trouble: disk full, state locked, corrupt, incomplete, or of a newer version.
.TP
.B 7
The destination refused: password, role, schema.
.TP
.BR 130 ", " 143
Interrupted, terminated; the state is kept.
.SH ENVIRONMENT
.TP
.BR PENSTOCK_STATE ", " PENSTOCK_COORDINATOR ", " PENSTOCK_CONFIG
Stand for the options of the same names. No secret is taken from the environment.
.SH FILES
.TP
.I STATE/penstock.sock
Where a running process answers this machine's commands.
.TP
.I STATE/db/
The store. Never copied back by hand over a newer one.
.SH SEE ALSO
.BR penstock\-coordinator (1),
.BR penstock\-worker (1)
and the documents in
.IR /usr/share/doc/penstock .
)";

// Text as roff means it: a hyphen that is typed, a backslash, and no line that begins like a request.
std::string Roff(const std::string& text) {
  std::string escaped = absl::StrReplaceAll(text, {{"\\", "\\e"}, {"-", "\\-"}});
  if (!escaped.empty() && (escaped[0] == '.' || escaped[0] == '\'')) escaped.insert(0, "\\&");
  return escaped;
}

std::string Spelled(const OptionNode& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.names) names.push_back(absl::StrCat("\\fB", Roff(name), "\\fR"));
  const std::string value = absl::StrCat("\\fI", Roff(option.value), "\\fR");
  if (names.empty()) return value;
  return absl::StrCat(absl::StrJoin(names, ", "), option.value.empty() ? "" : " " + value);
}

std::string List(const std::vector<OptionNode>& options) {
  std::string text;
  for (const OptionNode& option : options) {
    absl::StrAppend(&text, ".TP\n", Spelled(option), "\n", Roff(option.description), "\n");
  }
  return text;
}

std::string Synopsis(const CommandNode& command) {
  std::string text =
      absl::StrCat("\\fBpenstock", command.path.empty() ? "" : " ", Roff(command.path), "\\fR");
  for (const OptionNode& argument : command.arguments) absl::StrAppend(&text, " ", Spelled(argument));
  for (const OptionNode& option : command.options) {
    if (option.required) absl::StrAppend(&text, " ", Spelled(option));
  }
  return absl::StrCat(text, command.commands.empty() ? "" : " \\fICOMMAND\\fR", " [\\fIOPTIONS\\fR]\n");
}

std::string Examples(const CommandNode& command) {
  std::string text = ".PP\n.nf\n.RS\n";
  for (const std::string& line : command.examples) absl::StrAppend(&text, Roff(line), "\n");
  return text + ".RE\n.fi\n";
}

}  // namespace

std::string ManualPage(const std::vector<CommandNode>& commands, const std::string& version) {
  const CommandNode& root = commands.front();
  std::string text = absl::StrCat(
      ".TH PENSTOCK 1 \"\" \"penstock ", version, "\" \"User Commands\"\n",
      ".SH NAME\npenstock \\- copies what the Moveworks Data API exports into a warehouse\n",
      ".SH SYNOPSIS\n", Synopsis(root), ".SH DESCRIPTION\n", Roff(root.description), "\n", Examples(root),
      ".SH OPTIONS\nThey may follow every command.\n", List(root.options), ".SH COMMANDS\n");
  for (const CommandNode& command : commands) {
    // A group's commands say it all.
    if (command.path.empty() || !command.commands.empty()) continue;
    std::vector<OptionNode> own;
    for (const OptionNode& option : command.options) {
      if (option.names.front() != "-h") own.push_back(option);
    }
    absl::StrAppend(&text, ".SS ", Roff(command.path), "\n", Synopsis(command), ".PP\n",
                    Roff(command.description), "\n", List(command.arguments), List(own), Examples(command));
  }
  return text + kEnd;
}

}  // namespace penstock::cli
