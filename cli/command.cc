// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/shell_word.h"
#include "base/status_macros.h"
#include "cli/help.h"

namespace penstock::cli {
namespace {

// Each flag stays on the line of its value.
std::vector<std::string> Pieces(const std::string& words) {
  std::vector<std::string> pieces;
  bool after_flag = false;
  for (absl::string_view word : absl::StrSplit(words, ' ', absl::SkipEmpty())) {
    const bool flag = absl::StartsWith(word, "--");
    if (after_flag && !flag) {
      absl::StrAppend(&pieces.back(), " ", word);
    } else {
      pieces.emplace_back(word);
    }
    after_flag = flag;
  }
  return pieces;
}

}  // namespace

absl::StatusOr<AdminConnection*> Session::Admin() {
  if (admin_ == nullptr) {
    ASSIGN_OR_RETURN(Address address, FindAddress(flags_, env_));
    ASSIGN_OR_RETURN(admin_, AdminConnection::Open(address, env_));
    admin_->GiveReason(flags_.reason);
  }
  return admin_.get();
}

absl::StatusOr<Config> Session::LoadedConfig() {
  const std::string file = flags_.config.empty() ? env_.variable("PENSTOCK_CONFIG") : flags_.config;
  if (file.empty()) return Config{};
  return LoadConfig(file);
}

std::string Session::Next(const std::string& words, size_t indent) const {
  std::vector<std::string> pieces = {"penstock"};
  const auto keep = [&](const char* flag, const std::string& value) {
    if (!value.empty()) pieces.push_back(absl::StrCat(flag, " ", ShellWord(value)));
  };
  keep("--coordinator", flags_.coordinator);
  keep("--state", flags_.state);
  keep("--config", flags_.config);
  keep("--tls-cert", flags_.tls.cert_file);
  keep("--tls-key", flags_.tls.key_file);
  keep("--tls-ca", flags_.tls.ca_file);
  keep("--source", flags_.source);
  for (std::string& piece : Pieces(words)) pieces.push_back(std::move(piece));

  std::string text(indent, ' ');
  size_t column = indent;
  for (size_t i = 0; i < pieces.size(); ++i) {
    const size_t after = i + 1 < pieces.size() ? 2 : 0;  // room for " \"
    if (i > 0 && column + 1 + pieces[i].size() + after > width() && column > indent + 2) {
      absl::StrAppend(&text, " \\\n", std::string(indent + 2, ' '));
      column = indent + 2;
    } else if (i > 0) {
      text += ' ';
      ++column;
    }
    text += pieces[i];
    column += pieces[i].size();
  }
  return text;
}

absl::StatusOr<bool> Confirmed(Session& session, const std::string& what, const std::string& question) {
  if (session.flags().yes) return true;
  if (!session.env().terminal.is_terminal || session.flags().json) {
    return absl::InvalidArgumentError(absl::StrCat(what, " cannot be undone; add --yes"));
  }
  session.out() << question << " [y/N] " << std::flush;
  std::string answer;
  std::getline(session.env().in, answer);
  return absl::AsciiStrToLower(answer) == "y" || absl::AsciiStrToLower(answer) == "yes";
}

CLI::App* AddGroup(CLI::App& parent, const CommandText& text) {
  CHECK(!text.examples.empty());
  CLI::App* app = parent.add_subcommand(text.name, text.description);
  app->footer(absl::StrJoin(text.examples, "\n"));
  app->require_subcommand(1);
  return app;
}

CLI::App* AddCommand(CLI::App& parent, Action& chosen, const CommandText& text, Action action) {
  CHECK(!text.examples.empty());
  CLI::App* app = parent.add_subcommand(text.name, text.description);
  app->footer(absl::StrJoin(text.examples, "\n"));
  app->callback([&chosen, action = std::move(action)] { chosen = action; });
  return app;
}

}  // namespace penstock::cli
