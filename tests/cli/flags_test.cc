// SPDX-License-Identifier: Apache-2.0
#include "cli/flags.h"

#include <fstream>

#include "tests/cli/cli_fixture.h"

namespace penstock::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::SizeIs;

class RunCommand : public CliTest {
 protected:
  const std::vector<std::string> kSmallest = {"run", "--source-url", "https://host/records", "--state", "s"};

  std::vector<std::string> With(std::vector<std::string> more) {
    std::vector<std::string> words = kSmallest;
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  void ExpectRefused(const std::vector<std::string>& words, const std::string& message) {
    EXPECT_EQ(RunBare(words), 2) << message;
    EXPECT_THAT(err.str(), HasSubstr(message));
    EXPECT_THAT(ran, SizeIs(0));
  }
  std::string TwoSources() {
    const std::string file = state + "/p.yaml";
    std::ofstream(file) << R"(
version: 1
state: /of/the/file
sources:
  acme: {url: https://acme/records, budget: {per_minute: 40, users_per_minute: 5}, retention: 90d}
  other: {url: https://other/records}
destinations:
  db: {type: sqlite, path: a.db, source: acme}
  db2: {type: sqlite, path: b.db, source: other}
)";
    return file;
  }
};

TEST_F(RunCommand, NeedsOnlyAUrlAndAStateDirectory) {
  ASSERT_EQ(RunBare(kSmallest), 0) << err.str();
  ASSERT_THAT(ran, SizeIs(1));
  const RunOptions& options = ran[0];
  EXPECT_EQ(options.source, "default");
  EXPECT_EQ(options.config.state, "s");
  const SourceConfig& source = options.config.sources.at("default");
  EXPECT_EQ(source.url, "https://host/records");
  EXPECT_EQ(source.auth.type, AuthType::kNone);
  EXPECT_EQ(source.budget.per_minute, 60u);
  EXPECT_EQ(source.retention, absl::Hours(720));
  EXPECT_TRUE(options.config.destinations.empty());
  EXPECT_FALSE(options.range.from || options.range.to || options.give_up_after);
  EXPECT_EQ(options.range.endpoints.size(), 5u);
  EXPECT_EQ(options.workers, std::nullopt);  // as many as the latency needs
}

TEST_F(RunCommand, EveryFlagArrives) {
  ASSERT_EQ(RunBare(With({"--source",      "acme",        "--api-key-file",  "key",
                          "--auth-scheme", "raw",         "--proxy",         "http://proxy:3128",
                          "--ca-file",     "ca.pem",      "--from",          "2026-03-01",
                          "--to",          "2026-03-08",  "--endpoints",     "users,plugin-calls",
                          "--rpm",         "20",          "--retention",     "90",
                          "--destination", "sqlite:a.db", "--destination",   "sqlite:b.db",
                          "--workers",     "9",           "--give-up-after", "2h",
                          "--output",      "json"})),
            0)
      << err.str();
  const RunOptions& options = ran.at(0);
  const SourceConfig& source = options.config.sources.at("acme");
  EXPECT_EQ(source.auth.type, AuthType::kApiKey);
  EXPECT_EQ(source.auth.api_key_file, "key");
  EXPECT_FALSE(source.auth.bearer);
  EXPECT_EQ(source.http.proxy, "http://proxy:3128");
  EXPECT_EQ(source.http.ca_file, "ca.pem");
  EXPECT_EQ(options.range.from, *ParseDate("2026-03-01"));
  EXPECT_EQ(options.range.to, *ParseDate("2026-03-08"));
  EXPECT_THAT(options.range.endpoints, ElementsAre(Endpoint::kUsers, Endpoint::kPluginCalls));
  EXPECT_EQ(source.budget.per_minute, 20u);
  EXPECT_EQ(source.budget.users_per_minute, 10u);
  EXPECT_EQ(source.retention, absl::Hours(24 * 90));
  EXPECT_THAT(options.config.destinations, ElementsAre(Key("sqlite:a.db"), Key("sqlite:b.db")));
  EXPECT_EQ(options.config.destinations.at("sqlite:a.db").source, "acme");
  EXPECT_EQ(options.workers, 9u);
  EXPECT_EQ(options.give_up_after, absl::Hours(2));
  EXPECT_TRUE(options.json);
}

TEST_F(RunCommand, OauthNeedsBothFiles) {
  ASSERT_EQ(RunBare(With({"--client-id-file", "id", "--client-secret-file", "secret"})), 0);
  EXPECT_EQ(ran.at(0).config.sources.at("default").auth.type, AuthType::kOauth);
  ran.clear();
  ExpectRefused(With({"--client-id-file", "id"}), "OAuth needs --client-id-file and --client-secret-file");
  ExpectRefused(With({"--api-key-file", "k", "--client-id-file", "id"}), "not both");
  ExpectRefused(With({"--auth-scheme", "raw"}), "--auth-scheme: does nothing without --api-key-file");
  ExpectRefused(With({"--auth-scheme", "basic"}), "basic");
}

TEST_F(RunCommand, AWrongWordIsNamed) {
  ExpectRefused(With({"--from", "tomorrow"}), "--from: 'tomorrow'");
  ExpectRefused(With({"--to", "2026-02-30"}), "--to: '2026-02-30'");
  ExpectRefused(With({"--from", "2026-03-02", "--to", "2026-03-02"}), "'2026-03-02' is not after --from");
  ExpectRefused(With({"--endpoints", "users,calls"}), "--endpoints: unknown endpoint 'calls'");
  ExpectRefused(With({"--rpm", "0"}), "0");
  ExpectRefused(With({"--workers", "65"}), "65");
  ExpectRefused(With({"--retention", "0"}), "--retention: '0'");
  ExpectRefused(With({"--retention", "a month"}), "--retention: 'a month'");
  ExpectRefused(With({"--give-up-after", "soon"}), "--give-up-after: 'soon'");
  ExpectRefused(With({"--destination", "oracle:x"}), "--destination: unknown destination 'oracle:x'");
  ExpectRefused(With({"--coordinator", "localhost:1"}), "its own coordinator");
  ExpectRefused({"run", "--source-url", "http://host/records", "--state", "s"}, "--source-url: URL");
  ExpectRefused({"run", "--source-url", "https://host/records"}, "--state: is needed");
  ExpectRefused({"run", "--state", "s"}, "--source-url: is needed");
}

TEST_F(RunCommand, FollowsBySevenInTheMorningWhereNothingElseIsSaid) {
  ASSERT_EQ(RunBare(With({"--follow", "--endpoints", "users"})), 0) << err.str();
  EXPECT_TRUE(ran.at(0).follow);
  const SourceConfig& source = ran.at(0).config.sources.at("default");
  EXPECT_EQ(source.sync->schedule, "0 7 * * *");
  EXPECT_EQ(source.sync->time_zone, "UTC");
  EXPECT_THAT(source.sync_endpoints, ElementsAre(Endpoint::kUsers));
  ran.clear();
  ExpectRefused(With({"--follow", "--to", "2026-03-01"}), "--to: is the end of the copy");
}

TEST_F(RunCommand, TheFilesScheduleIsForThoseWhoFollow) {
  const std::string file = state + "/sync.yaml";
  std::ofstream(file) << R"(
version: 1
state: s
sources: {acme: {url: https://acme/records, sync: {schedule: "30 5 * * 1-5", time_zone: Europe/Berlin}}}
)";
  ASSERT_EQ(RunBare({"run", "--config", file}), 0) << err.str();
  ASSERT_EQ(RunBare({"run", "--config", file, "--follow"}), 0) << err.str();
  EXPECT_FALSE(ran.at(0).config.sources.at("acme").sync.has_value());
  EXPECT_EQ(ran.at(1).config.sources.at("acme").sync->schedule, "30 5 * * 1-5");
}

TEST_F(RunCommand, TakesASourceOfTheFileWithItsDestinations) {
  ASSERT_EQ(RunBare({"run", "--config", TwoSources(), "--source", "acme"}), 0) << err.str();
  const RunOptions& options = ran.at(0);
  EXPECT_EQ(options.source, "acme");
  EXPECT_EQ(options.config.state, "/of/the/file");
  EXPECT_THAT(options.config.sources, ElementsAre(Key("acme")));
  EXPECT_EQ(options.config.sources.at("acme").budget.users_per_minute, 5u);
  EXPECT_THAT(options.config.destinations, ElementsAre(Key("db")));
}

TEST_F(RunCommand, FlagsMayOverrideStateBudgetRetentionAndDestinations) {
  ASSERT_EQ(RunBare({"run", "--config", TwoSources(), "--source", "acme", "--state", "s", "--rpm", "10",
                     "--retention", "7d", "--destination", "sqlite:c.db"}),
            0)
      << err.str();
  const RunOptions& options = ran.at(0);
  EXPECT_EQ(options.config.state, "s");
  EXPECT_EQ(options.config.sources.at("acme").budget.per_minute, 10u);
  EXPECT_EQ(options.config.sources.at("acme").retention, absl::Hours(24 * 7));
  EXPECT_THAT(options.config.destinations, ElementsAre(Key("sqlite:c.db")));
}

TEST_F(RunCommand, TheFileAndTheFlagsMayNotContradict) {
  const std::string file = TwoSources();
  ExpectRefused({"run", "--config", file}, "--source: is needed: the file names acme, other");
  ExpectRefused({"run", "--config", file, "--source", "acm"}, "did you mean 'acme'?");
  ExpectRefused({"run", "--config", file, "--source", "acme", "--source-url", "https://x/records"},
                "--source-url: the configuration");
  ExpectRefused({"run", "--config", file, "--source", "acme", "--destination", "db2"},
                "belongs to source other");
  ExpectRefused({"run", "--config", state + "/none.yaml"}, "none.yaml cannot be read");
}

TEST_F(RunCommand, AFileOfTheEnvironmentGivesWayToASourceOnTheCommandLine) {
  variables["PENSTOCK_CONFIG"] = TwoSources();
  ASSERT_EQ(RunBare(kSmallest), 0) << err.str();
  EXPECT_EQ(ran.at(0).source, "default");
}

TEST_F(RunCommand, ItsExitCodeIsTheProcesss) {
  CliEnvironment environment = Environment();
  environment.run = [](Session&, const RunOptions&) { return ExitCode::kSourceRefused; };
  const char* argv[] = {"penstock", "run", "--source-url", "https://host/records", "--state", "s"};
  EXPECT_EQ(RunCli(6, argv, environment), 3);
}

TEST_F(RunCommand, LoadNeedsAStateAndADestination) {
  ASSERT_EQ(RunBare({"load", "--state", "s", "--destination", "sqlite:a.db"}), 0) << err.str();
  EXPECT_EQ(loaded.at(0).config.state, "s");
  EXPECT_THAT(loaded.at(0).config.destinations, ElementsAre(Key("sqlite:a.db")));
  EXPECT_EQ(RunBare({"load", "--state", "s"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("--destination: is needed"));
  ASSERT_EQ(RunBare({"load", "--config", TwoSources(), "--source", "other"}), 0) << err.str();
  EXPECT_THAT(loaded.at(1).config.destinations, ElementsAre(Key("db2")));
}

}  // namespace
}  // namespace penstock::cli
