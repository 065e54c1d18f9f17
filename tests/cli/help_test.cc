// SPDX-License-Identifier: Apache-2.0
#include "cli/help.h"

#include "cli/command.h"
#include "tests/cli/cli_fixture.h"

namespace penstock::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class Help : public CliTest {
 protected:
  // Walks every command by asking each for its help, as a person would.
  void Walk(const std::vector<std::string>& path, const std::function<void(const std::string&)>& visit) {
    std::vector<std::string> words = path;
    words.push_back("--help");
    ASSERT_EQ(RunBare(words), 0) << err.str();
    const std::string text = out.str();
    ++visited_;
    visit(text);
    for (const std::string& name : Listed(text)) {
      std::vector<std::string> deeper = path;
      deeper.push_back(name);
      Walk(deeper, visit);
    }
  }

  // The names under "Commands:".
  static std::vector<std::string> Listed(const std::string& text) {
    std::vector<std::string> names;
    bool commands = false;
    for (absl::string_view line : absl::StrSplit(text, '\n')) {
      if (line == "Commands:") {
        commands = true;
      } else if (line.empty()) {
        commands = false;
      } else if (commands && line.substr(0, 3) != "   ") {
        names.emplace_back(line.substr(2, line.find(' ', 2) - 2));
      }
    }
    return names;
  }

  int visited_ = 0;
};

TEST_F(Help, OfEveryCommandHasAnExampleAndFits) {
  Walk({}, [this](const std::string& text) {
    EXPECT_THAT(text, HasSubstr("\nExamples:\n  penstock "));
    EXPECT_THAT(text, HasSubstr("\nUsage: penstock"));
    ExpectFits();
  });
  EXPECT_GE(visited_, 40);
}

TEST_F(Help, EveryOptionIsDescribed) {
  Walk({}, [](const std::string& text) {
    for (absl::string_view line : absl::StrSplit(text, '\n')) {
      if (line.substr(0, 4) != "  --" || line.size() >= 28) continue;
      // The description stands in the next line only when the option itself is wide.
      EXPECT_GE(line.size(), 25u) << line;
    }
  });
}

TEST_F(Help, OfOneCommandReadsLikeThis) {
  ASSERT_EQ(RunBare({"jobs", "watch", "-h"}), 0);
  EXPECT_EQ(out.str(),
            "Follow a job with a progress bar until it has ended and its rows are loaded.\n"
            "\n"
            "Usage: penstock jobs watch JOB [OPTIONS]\n"
            "\n"
            "Arguments:\n"
            "  JOB           Its name, such as job-12\n"
            "\n"
            "Options:\n"
            "  -h, --help                This text\n"
            "\n"
            "`penstock --help` lists the options that every command takes.\n"
            "\n"
            "Examples:\n"
            "  penstock --state ./state jobs watch job-12\n");
}

TEST_F(Help, TheFirstPageNamesEveryCommand) {
  ASSERT_EQ(RunBare({"--help"}), 0);
  for (const char* name :
       {"run", "load", "backfill", "jobs", "status", "windows", "coverage", "rows", "quarantine", "budget",
        "completion", "health", "workers", "destinations", "config", "doctor", "version"}) {
    EXPECT_THAT(out.str(), HasSubstr(absl::StrCat("\n  ", name, " ").c_str()));
  }
  EXPECT_THAT(out.str(), StartsWith("Copies everything"));
}

}  // namespace
}  // namespace penstock::cli
