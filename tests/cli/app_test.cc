// SPDX-License-Identifier: Apache-2.0
#include "cli/app.h"

#include "base/log.h"
#include "cli/command.h"
#include "tests/cli/cli_fixture.h"

namespace penstock::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class App : public CliTest {};

TEST_F(App, AnUnknownCommandSuggestsTheNearestOne) {
  EXPECT_EQ(Run({"covrage"}), 2);
  EXPECT_EQ(
      err.str(),
      "penstock: 'covrage' is not a command of penstock; did you mean 'coverage'?; see `penstock --help`\n");
  EXPECT_EQ(Run({"jobs", "lst"}), 2);
  EXPECT_EQ(err.str(),
            "penstock: 'lst' is not a command of penstock jobs; did you mean 'list'?; see `penstock jobs "
            "--help`\n");
  EXPECT_EQ(out.str(), "");
}

TEST_F(App, AnUnknownOptionSuggestsTheNearestOne) {
  EXPECT_EQ(Run({"backfill", "create", "--form", "2026-03-01"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("unknown option '--form'; did you mean '--from'?"));
  EXPECT_EQ(Run({"coverage", "--ouput=json"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("unknown option '--ouput'; did you mean '--output'?"));
}

TEST_F(App, AMissingOrSurplusWordIsNamed) {
  EXPECT_EQ(Run({}), 2);
  EXPECT_THAT(err.str(), HasSubstr("a command is missing after penstock;"));
  EXPECT_EQ(Run({"jobs"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("a command is missing after penstock jobs;"));
  EXPECT_EQ(Run({"jobs", "list", "twice"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("unexpected word 'twice' after penstock jobs list;"));
  EXPECT_EQ(Run({"jobs", "show"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("job is required"));
  EXPECT_EQ(Run({"jobs", "list", "--output", "xml"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("xml"));
}

TEST_F(App, ACommandOfAnotherGroupIsNotAccepted) {
  EXPECT_EQ(Run({"jobs", "status"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("'status' is not a command of penstock jobs"));
}

TEST_F(App, GlobalOptionsMayStandAnywhere) {
  EXPECT_EQ(RunBare({"--state", state, "jobs", "list", "--output", "json"}), 0) << err.str();
  EXPECT_EQ(out.str(), "{\"jobs\":[]}\n");
  EXPECT_EQ(RunBare({"--output", "json", "jobs", "list", "--state", state}), 0) << err.str();
  EXPECT_EQ(out.str(), "{\"jobs\":[]}\n");
}

TEST_F(App, AnErrorIsOneSentenceWithoutSecretsOrEscapes) {
  HideInLogs("do-not-show-me");
  admin.failure = grpc::Status(grpc::INTERNAL, "said\n\x1B[2J do-not-show-me");
  EXPECT_EQ(Run({"jobs", "list"}), 6);
  EXPECT_EQ(err.str(), "penstock: said  [2J [hidden]\n");
}

TEST_F(App, TheCoordinatorsErrorGivesTheExitCode) {
  admin.failure = grpc::Status(grpc::INVALID_ARGUMENT, "name one of the sources: acme, other");
  EXPECT_EQ(Run({"status"}), 2);
  admin.failure = grpc::Status(grpc::UNAVAILABLE, "starting");
  EXPECT_EQ(Run({"status"}), 4);
  EXPECT_THAT(err.str(), HasSubstr("does not answer: starting; is it running?"));
  admin.failure = grpc::Status(grpc::UNIMPLEMENTED, "");
  EXPECT_EQ(Run({"status"}), 6);
  EXPECT_THAT(err.str(), HasSubstr("of another version"));
}

TEST_F(App, AReasonIsNoLetter) {
  EXPECT_EQ(Run({"status", "--reason", std::string(500, 'x')}), 0) << err.str();
  EXPECT_EQ(Run({"status", "--reason", std::string(501, 'x')}), 2);
  EXPECT_THAT(err.str(), HasSubstr("at most 500 bytes"));
}

TEST_F(App, OutputThatCannotBeWrittenIsAnError) {
  out.setstate(std::ios::badbit);
  CliEnvironment broken = Environment();
  const char* argv[] = {"penstock", "version"};
  EXPECT_EQ(RunCli(2, argv, broken), 6);
  EXPECT_THAT(err.str(), HasSubstr("disk full"));
}

TEST_F(App, TheVersionIsShown) {
  EXPECT_EQ(RunBare({"version"}), 0);
  EXPECT_THAT(out.str(), ::testing::MatchesRegex("penstock [0-9]+\\.[0-9]+\\.[0-9]+\n"));
  EXPECT_EQ(RunBare({"version", "--output", "json"}), 0);
  EXPECT_THAT(out.str(), HasSubstr("{\"version\":\""));
}

TEST_F(App, TheSuggestedCommandRepeatsHowTheCoordinatorIsReached) {
  EXPECT_EQ(RunBare({"--state", state, "jobs", "list"}), 0);
  EXPECT_THAT(out.str(), HasSubstr(absl::StrCat("--state ", state).c_str()));
  EXPECT_EQ(Run({"jobs", "list"}), 0);
  EXPECT_EQ(out.str(), "No job yet. To copy everything:\n  penstock backfill create\n");
  EXPECT_THAT(out.str(), Not(HasSubstr("--state")));
}

TEST_F(App, ASuggestedCommandQuotesWhatAShellWouldSplit) {
  CliEnvironment environment = Environment();
  GlobalFlags flags;
  flags.state = "my state's dir";
  EXPECT_EQ(Session(environment, flags).Next("jobs list", 0),
            "penstock --state 'my state'\\''s dir' jobs list");
}

TEST_F(App, AWideCommandIsContinuedWithBackslashesBetweenItsFlags) {
  CliEnvironment environment = Environment();
  EXPECT_EQ(
      Session(environment, {})
          .Next(
              "backfill create --from 2026-03-05 --to 2026-03-07 --endpoints plugin-calls,plugin-resources"),
      "  penstock backfill create --from 2026-03-05 --to 2026-03-07 \\\n"
      "    --endpoints plugin-calls,plugin-resources");
}

}  // namespace
}  // namespace penstock::cli
