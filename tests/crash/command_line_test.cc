// SPDX-License-Identifier: Apache-2.0
// Bad input to the real command: a clear sentence, the promised exit code, and no secret in either.
#include <signal.h>

#include <algorithm>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "tests/crash/crash_fixture.h"
#include "tests/fakes/status_matchers.h"

namespace penstock {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class CommandLine : public CrashTest {
 protected:
  CommandLine() { tenant = "days=4,users=20,conversations=2,seed=3"; }
  void TearDown() override { ExpectNoSecretAnywhere(); }
};

TEST_F(CommandLine, AnUnknownEndpointOrDateIsNamed) {
  StartSandbox({});
  const Ended endpoint = Run(RunCommand({"--endpoints", "users,plugin-cals"}));
  EXPECT_EQ(endpoint.code, 2);
  EXPECT_THAT(endpoint.output, AllOf(HasSubstr("'plugin-cals'"), HasSubstr("plugin-calls")));
  const Ended date = Run(RunCommand({"--from", "2026-02-30"}));
  EXPECT_EQ(date.code, 2);
  EXPECT_THAT(date.output, AllOf(HasSubstr("--from"), HasSubstr("2026-02-30")));
  EXPECT_FALSE(std::filesystem::exists(state()));
  EXPECT_EQ(Report().requests, 0u);
}

TEST_F(CommandLine, BadYamlIsNamedWithFileLineAndKey) {
  WriteFile("bad.yaml", "version: 1\nsources:\n  acme: {url: [}\n");
  const Ended broken = Run({"penstock", "run", "--config", File("bad.yaml"), "--state", state()});
  EXPECT_EQ(broken.code, 2);
  EXPECT_THAT(broken.output, HasSubstr(absl::StrCat(File("bad.yaml"), ":3")));
  WriteFile("odd.yaml",
            "version: 1\nsources:\n  acme:\n    url: https://a.example/records\n    colour: red\n");
  const Ended odd = Run({"penstock", "run", "--config", File("odd.yaml"), "--state", state()});
  EXPECT_EQ(odd.code, 2);
  EXPECT_THAT(odd.output, AllOf(HasSubstr(absl::StrCat(File("odd.yaml"), ":5")), HasSubstr("colour")));
}

TEST_F(CommandLine, TheStateOfAnotherSourceIsRefused) {
  StartSandbox({"--rpm", "0"});
  ASSERT_EQ(Run(RunCommand({"--rpm", "60000"})).code, 0);
  const std::string first = source_url();
  StartSandbox({"--rpm", "0"});
  const Ended other = Run(RunCommand());
  EXPECT_EQ(other.code, 2);
  EXPECT_THAT(other.output, AllOf(HasSubstr(first), HasSubstr(source_url())));
  EXPECT_EQ(Report().requests, 0u);
}

TEST_F(CommandLine, AForeignOrUnwritableStateDirectoryIsLocalTrouble) {
  StartSandbox({});
  std::filesystem::create_directory(state());
  WriteFile("state/holiday.jpg", "");
  const Ended foreign = Run(RunCommand());
  EXPECT_EQ(foreign.code, 6);
  EXPECT_THAT(foreign.output, HasSubstr("holiday.jpg"));
  // Below a file no one can make a directory, whoever runs the test.
  const Ended below = Run({"penstock", "run", "--source-url", source_url(), "--api-key-file", key_file(),
                           "--state", File("state/holiday.jpg/state")});
  EXPECT_EQ(below.code, 6);
  EXPECT_THAT(below.output, HasSubstr("holiday.jpg"));
  EXPECT_EQ(Report().requests, 0u);
}

TEST_F(CommandLine, AMistypedStateDirectoryIsNotTakenForAnEmptyOne) {
  const std::string name = absl::StrCat("sqlite:", warehouse());
  for (const std::vector<std::string>& words : {std::vector<std::string>{"load", "--destination", name},
                                                {"destinations", "verify", name},
                                                {"destinations", "resync", name},
                                                {"destinations", "pause", name},
                                                {"status"}}) {
    std::vector<std::string> command = {"penstock", "--state", state()};
    command.insert(command.end(), words.begin(), words.end());
    const Ended ended = Run(command);
    EXPECT_EQ(ended.code, 2) << ended.output;
    EXPECT_THAT(ended.output, HasSubstr(absl::StrCat(state(), " does not exist")));
  }
  EXPECT_FALSE(std::filesystem::exists(state()));
  EXPECT_FALSE(std::filesystem::exists(warehouse()));
}

TEST_F(CommandLine, ASecondRunOnTheSameStateNamesTheHolder) {
  StartSandbox({"--ttfb", "30s"});
  const auto first = Start(RunCommand(), "first.out");
  AwaitOutput("first.out", "job-1");
  const Ended second = Run(RunCommand());
  EXPECT_EQ(second.code, 6);
  EXPECT_THAT(second.output, HasSubstr(absl::StrCat("pid ", first->pid())));
}

TEST_F(CommandLine, AnUnreachableSourceIsGivenUpWhenAsked) {
  const Ended ended = Run({"penstock", "run", "--source-url", "http://127.0.0.1:1/export/v1/records",
                           "--state", state(), "--give-up-after", "2s"});
  EXPECT_EQ(ended.code, 4);
  EXPECT_THAT(ended.output, AllOf(HasSubstr("waiting:"), HasSubstr("127.0.0.1")));
  EXPECT_THAT(ended.output, HasSubstr("the same command goes on"));
}

TEST_F(CommandLine, AWrongKeyIsASourceThatRefuses) {
  StartSandbox({"--rpm", "0"});
  WriteFile("wrong-key", "not-the-key-you-look-for");
  const Ended ended = Run({"penstock", "run", "--source-url", source_url(), "--api-key-file",
                           File("wrong-key"), "--state", state()});
  EXPECT_EQ(ended.code, 3);
  EXPECT_THAT(ended.output, AllOf(HasSubstr("401"), HasSubstr("key")));
  EXPECT_THAT(ended.output, ::testing::Not(HasSubstr("not-the-key-you-look-for")));
}

TEST_F(CommandLine, AMissingScopeAndAQuarantinedRecordAreNamedAtTheEnd) {
  StartSandbox({"--rpm", "0", "--fault", "403@plugin-calls", "--fault", "no-id=1@interactions"});
  const Ended ended = Run(RunCommand({"--rpm", "60000"}));
  EXPECT_EQ(ended.code, 3);
  EXPECT_THAT(ended.output, AllOf(HasSubstr("REFUSED plugin-calls"), HasSubstr("1 record quarantined")));
}

TEST_F(CommandLine, APausedDestinationIsLeftOutAndNamedUntilItIsResumed) {
  StartSandbox({"--rpm", "0"});
  std::vector<std::string> fetch = RunCommand({"--rpm", "60000"});
  fetch.erase(std::find(fetch.begin(), fetch.end(), "--destination"), std::next(fetch.begin(), 10));
  ASSERT_EQ(Run(fetch).code, 0);
  const std::string name = absl::StrCat("sqlite:", warehouse());
  const auto steer = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"penstock", "--state", state(), "destinations"});
    return Run(words);
  };
  const std::vector<std::string> load = {"penstock", "load", "--state", state(), "--destination", name};
  const Ended paused = steer({"pause", name, "--reason", "the disk is exchanged"});
  EXPECT_EQ(paused.code, 0) << paused.output;
  const Ended left_out = Run(load);
  EXPECT_EQ(left_out.code, 1) << left_out.output;
  EXPECT_THAT(left_out.output, AllOf(HasSubstr("PAUSED sqlite:"), HasSubstr("the disk is exchanged")));
  EXPECT_FALSE(std::filesystem::exists(warehouse()));
  EXPECT_THAT(steer({"list"}).output, HasSubstr("paused"));
  EXPECT_THAT(steer({"why", name}).output, HasSubstr("the disk is exchanged"));
  EXPECT_EQ(steer({"resume", name}).code, 0);
  const Ended loaded = Run(load);
  EXPECT_EQ(loaded.code, 0) << loaded.output;
  EXPECT_THAT(loaded.output, HasSubstr("holds every row"));
}

TEST_F(CommandLine, ASignalStopsWithinSecondsAndSaysHowToGoOn) {
  StartSandbox({"--ttfb", "100ms"});
  for (const auto& [signal, code] : {std::pair(SIGINT, 130), std::pair(SIGTERM, 143)}) {
    const std::string output = absl::StrCat("signal-", signal, ".out");
    const auto run = Start(RunCommand({"--rpm", "60"}), output);
    AwaitOutput(output, "job-1");
    run->Signal(signal);
    EXPECT_EQ(run->Wait(absl::Seconds(5)), code) << Output(output);
    EXPECT_THAT(Output(output), HasSubstr("The same command goes on where it stopped"));
  }
  const Ended goes_on = Run({"penstock", "jobs", "list", "--state", state()});
  EXPECT_THAT(goes_on.output, AllOf(HasSubstr("job-1"), ::testing::Not(HasSubstr("job-2"))));
}

}  // namespace
}  // namespace penstock
