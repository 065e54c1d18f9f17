// SPDX-License-Identifier: Apache-2.0
#include "cli/completion.h"

#include <cstdio>
#include <fstream>
#include <map>

#include "absl/strings/str_join.h"
#include "cli/manual_page.h"
#include "tests/cli/cli_fixture.h"

namespace penstock::cli {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

class Completion : public CliTest {
 protected:
  std::string ScriptOf(const std::string& shell) {
    EXPECT_EQ(RunBare({"completion", shell}), 0) << err.str();
    const std::string file = absl::StrCat(state, "/penstock.", shell);
    std::ofstream(file) << out.str();
    return file;
  }

  // The lines that `command`, a file of this text, writes when `shell` runs it. Complaints are lines too.
  std::vector<std::string> Lines(const std::string& shell, const std::string& text) {
    const std::string file = state + "/test";
    std::ofstream(file) << text;
    FILE* process = popen(absl::StrCat("cd ", state, " && ", shell, " ", file, " 2>&1").c_str(), "r");
    std::string output;
    for (int c = fgetc(process); c != EOF; c = fgetc(process)) output.push_back(static_cast<char>(c));
    EXPECT_EQ(pclose(process), 0) << shell << ": " << output;
    std::vector<std::string> lines = absl::StrSplit(output, '\n', absl::SkipEmpty());
    return lines;
  }

  // What bash offers at the end of `words`, which are parted as bash parts them.
  std::vector<std::string> Bash(const std::string& words) {
    return Lines("bash", absl::StrCat("source ", ScriptOf("bash"), "\nCOMP_WORDS=(", words,
                                      ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_penstock\n"
                                      "printf '%s\\n' \"${COMPREPLY[@]}\"\n"));
  }
  // The same for zsh, whose completion system is a stand-in that prints what it is handed.
  std::vector<std::string> Zsh(const std::string& words) {
    return Lines("zsh -f",
                 absl::StrCat(R"(compdef() { }
_files() { print files "$@" }
compset() { }
compadd() { shift; print -l -- "$@" }
_describe() { [[ $1 == -o ]] && shift; print -l -- "${(@P)2}" }
source )",
                              ScriptOf("zsh"), "\nwords=(", words, ")\nCURRENT=${#words}\n_penstock\n"));
  }
  std::vector<std::string> Fish(const std::string& line) {
    return Lines("fish --no-config",
                 absl::StrCat("source ", ScriptOf("fish"), "\ncomplete -C '", line, "'\n"));
  }
};

TEST_F(Completion, InBashFollowsTheCommandsThatStandThere) {
  EXPECT_THAT(Bash("penstock ''"), IsSupersetOf({"run", "jobs", "completion", "version"}));
  EXPECT_THAT(Bash("penstock --state /tmp cov"), ElementsAre("coverage"));
  EXPECT_THAT(Bash("penstock jobs w"), UnorderedElementsAre("wait", "watch"));
  EXPECT_THAT(Bash("penstock jobs --output json w"), UnorderedElementsAre("wait", "watch"));
  EXPECT_THAT(Bash("penstock jobs watch ''"), IsEmpty());
}

TEST_F(Completion, InBashKnowsTheOptionsOfTheCommandAndThoseOfAll) {
  EXPECT_THAT(Bash("penstock rows export --"), IsSupersetOf({"--endpoint", "--format", "--state", "--help"}));
  EXPECT_THAT(Bash("penstock jobs list --"), Not(Contains("--format")));
  EXPECT_THAT(Bash("penstock rows export --form"), ElementsAre("--format"));
}

TEST_F(Completion, InBashOffersTheValuesOfAnOption) {
  EXPECT_THAT(Bash("penstock --output ''"), UnorderedElementsAre("table", "json"));
  EXPECT_THAT(Bash("penstock --output = j"), ElementsAre("json"));
  EXPECT_THAT(Bash("penstock --output ="), UnorderedElementsAre("table", "json"));
  EXPECT_THAT(Bash("penstock rows count --endpoint plugin-"),
              ElementsAre("plugin-calls", "plugin-resources"));
  EXPECT_THAT(Bash("penstock backfill create --endpoints users,co"), ElementsAre("users,conversations"));
  EXPECT_THAT(Bash("penstock completion ''"), UnorderedElementsAre("bash", "zsh", "fish"));
  EXPECT_THAT(Bash("penstock backfill create --from ''"), IsEmpty());
}

TEST_F(Completion, InBashIsNotMisledByTheValueOfAnOption) {
  EXPECT_THAT(Bash("penstock --source jobs li"), Not(Contains("list")));
  EXPECT_THAT(Bash("penstock --coordinator 127.0.0.1 : 7417 jobs li"), ElementsAre("list"));
  EXPECT_THAT(Bash("penstock --source = jobs jobs li"), ElementsAre("list"));
}

TEST_F(Completion, InBashNamesFilesAndDirectories) {
  std::filesystem::create_directories(state + "/state dir");
  std::ofstream(state + "/stated.yaml") << "";
  EXPECT_THAT(Bash("penstock --config state"), UnorderedElementsAre("state dir", "stated.yaml"));
  EXPECT_THAT(Bash("penstock --state state"), ElementsAre("state dir"));
  EXPECT_THAT(Bash("penstock config check stated"), ElementsAre("stated.yaml"));
}

TEST_F(Completion, InZshTellsWhatEachWordMeans) {
  if (Lines("sh", "command -v zsh || true").empty()) GTEST_SKIP() << "zsh is not installed";
  EXPECT_THAT(Zsh("penstock ''"), Contains("version:Which version this is."));
  EXPECT_THAT(Zsh("penstock --state /tmp jobs ''"), Contains("list:All jobs, one line each."));
  EXPECT_THAT(Zsh("penstock rows export --"), Contains("--format:jsonl (the default) or csv"));
  EXPECT_THAT(Zsh("penstock --output ''"), UnorderedElementsAre("table", "json"));
  EXPECT_THAT(Zsh("penstock --output=j"), UnorderedElementsAre("table", "json"));
  EXPECT_THAT(Zsh("penstock --state ''"), ElementsAre("files -/"));
  EXPECT_THAT(Zsh("penstock config check ''"), ElementsAre("files"));
  EXPECT_THAT(Zsh("penstock --source jobs ''"), Contains("version:Which version this is."));
}

TEST_F(Completion, InFishTellsWhatEachWordMeans) {
  if (Lines("sh", "command -v fish || true").empty()) GTEST_SKIP() << "fish is not installed";
  EXPECT_THAT(Fish("penstock vers"), ElementsAre("version\tWhich version this is."));
  EXPECT_THAT(Fish("penstock --state /tmp jobs w"), ElementsAre(HasSubstr("wait\t"), HasSubstr("watch\t")));
  EXPECT_THAT(Fish("penstock rows export --form"), ElementsAre("--format\tjsonl (the default) or csv"));
  EXPECT_THAT(Fish("penstock jobs list --form"), IsEmpty());
  EXPECT_THAT(Fish("penstock --output j"), ElementsAre(HasSubstr("json")));
  EXPECT_THAT(Fish("penstock --source jobs li"), Not(Contains(HasSubstr("list\t"))));
}

// Reading a command line from the left needs no more than that to know which words are values.
TEST_F(Completion, AnOptionTakesAValueAfterEveryCommandOrAfterNone) {
  std::map<std::string, bool> takes;
  for (const CommandNode& command : WholeCommandTree()) {
    for (const OptionNode& option : command.options) {
      for (const std::string& name : option.names) {
        const auto [known, is_new] = takes.emplace(name, !option.value.empty());
        EXPECT_EQ(known->second, !option.value.empty()) << name << " of " << command.path;
      }
    }
  }
}

TEST_F(Completion, OfAnUnknownShellIsRefused) {
  EXPECT_EQ(RunBare({"completion", "tcsh"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("tcsh"));
}

// The judge is the formatter that `man` itself uses.
TEST_F(Completion, TheManualPageIsWithoutFaultAndNamesEveryCommandAndOption) {
  const std::vector<CommandNode> commands = WholeCommandTree();
  std::ofstream(state + "/penstock.1") << ManualPage(commands, "1.2.3");
  EXPECT_THAT(Lines("sh", "groff -man -Tutf8 -ww -z penstock.1"), IsEmpty());
  const std::string text =
      absl::StrJoin(Lines("sh", "groff -man -Tascii -P-cbou -rLL=200n penstock.1"), "\n");
  EXPECT_THAT(text, HasSubstr("penstock 1.2.3"));
  for (const CommandNode& command : commands) {
    if (command.path.empty() || !command.commands.empty()) continue;
    EXPECT_THAT(text, HasSubstr("penstock " + command.path));
    for (const std::string& line : command.examples) EXPECT_THAT(text, HasSubstr(line));
    for (const OptionNode& option : command.options) {
      for (const std::string& name : option.names) EXPECT_THAT(text, HasSubstr(name));
    }
  }
}

}  // namespace
}  // namespace penstock::cli
