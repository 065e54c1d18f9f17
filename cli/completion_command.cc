// SPDX-License-Identifier: Apache-2.0
#include "cli/app.h"
#include "cli/command.h"
#include "cli/completion.h"

namespace penstock::cli {

void AddCompletionCommand(CLI::App& app, Action& chosen) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = AddCommand(
      app, chosen,
      {"completion",
       "Print what teaches a shell to complete penstock's words; the Debian package has it in place.",
       {"penstock completion bash >~/.local/share/bash-completion/completions/penstock",
        "penstock completion fish >~/.config/fish/completions/penstock.fish"}},
      [shell](Session& session) -> absl::StatusOr<ExitCode> {
        const std::vector<CommandNode> commands = WholeCommandTree();
        session.out() << (*shell == "bash"  ? BashCompletion(commands)
                          : *shell == "zsh" ? ZshCompletion(commands)
                                            : FishCompletion(commands));
        return ExitCode::kDone;
      });
  command->add_option("shell", *shell, "bash, zsh or fish")
      ->option_text("SHELL")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
}

}  // namespace penstock::cli
