// SPDX-License-Identifier: Apache-2.0
#include "sandbox/command_line.h"

#include <sys/stat.h>

#include <cstdio>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "base/instant.h"
#include "sandbox/fault_plan.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::sandbox {
namespace {

using ::testing::HasSubstr;

TEST(CommandLine, WithoutFlagsItIsAnInventedTenantBehindTheUsualLimit) {
  ASSERT_OK_AND_ASSIGN(const CommandLine line, ParseCommandLine({}));
  EXPECT_TRUE(line.help.empty());
  EXPECT_TRUE(line.options.synthetic.has_value());
  EXPECT_EQ(line.options.per_minute, 60u);
  EXPECT_EQ(line.options.page_size, 500u);
  EXPECT_EQ(line.options.retention, absl::Hours(24 * 30));
  EXPECT_EQ(line.options.port, 0);
}

TEST(CommandLine, ReadsEveryFlag) {
  ASSERT_OK_AND_ASSIGN(const CommandLine line, ParseCommandLine({"--listen",
                                                                 "0.0.0.0:8080",
                                                                 "--synthetic",
                                                                 "days=3,seed=5",
                                                                 "--now",
                                                                 "2026-03-31",
                                                                 "--rpm",
                                                                 "0",
                                                                 "--retention",
                                                                 "off",
                                                                 "--page-size",
                                                                 "50",
                                                                 "--api-key",
                                                                 "k",
                                                                 "--auth-scheme",
                                                                 "any",
                                                                 "--client-id",
                                                                 "me",
                                                                 "--client-secret",
                                                                 "s",
                                                                 "--token-shape",
                                                                 "wrapped",
                                                                 "--token-lifetime",
                                                                 "60s",
                                                                 "--ttfb",
                                                                 "200ms",
                                                                 "--body-time",
                                                                 "1s",
                                                                 "--jitter",
                                                                 "0.3",
                                                                 "--fault",
                                                                 "500=0.1",
                                                                 "--fault",
                                                                 "cut=3@users",
                                                                 "--fault-seed",
                                                                 "9",
                                                                 "--report",
                                                                 "r.json"}));
  const SandboxOptions& options = line.options;
  EXPECT_EQ(options.host, "0.0.0.0");
  EXPECT_EQ(options.port, 8080);
  EXPECT_EQ(options.synthetic->seed, 5u);
  EXPECT_EQ(options.now, *ParseDate("2026-03-31"));
  EXPECT_EQ(options.retention, absl::InfiniteDuration());
  EXPECT_EQ(options.page_size, 50u);
  EXPECT_EQ(options.door.api_key, "k");
  EXPECT_EQ(options.door.scheme, AuthScheme::kAny);
  EXPECT_EQ(options.door.client_id, "me");
  EXPECT_EQ(options.door.token_shape, TokenShape::kWrapped);
  EXPECT_EQ(options.door.token_lifetime, absl::Seconds(60));
  EXPECT_EQ(options.first_byte, absl::Milliseconds(200));
  EXPECT_EQ(options.body_time, absl::Seconds(1));
  EXPECT_DOUBLE_EQ(options.jitter, 0.3);
  EXPECT_EQ(options.faults, (std::vector<std::string>{"500=0.1", "cut=3@users"}));
  EXPECT_EQ(options.fault_seed, 9u);
  EXPECT_EQ(line.report_file, "r.json");
}

TEST(CommandLine, TheKeyCanComeFromAFile) {
  const std::string path = absl::StrCat(::testing::TempDir(), "/key_", NewId(SystemRandom()));
  std::ofstream(path) << "from-a-file\n";
  chmod(path.c_str(), 0600);
  ASSERT_OK_AND_ASSIGN(const CommandLine line, ParseCommandLine({"--api-key-file", path}));
  EXPECT_EQ(line.options.door.api_key, "from-a-file");
  std::remove(path.c_str());
  EXPECT_THAT(ParseCommandLine({"--api-key-file", path}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(path)));
}

TEST(CommandLine, HelpNamesEveryFaultAndShowsExamples) {
  ASSERT_OK_AND_ASSIGN(const CommandLine line, ParseCommandLine({"--help"}));
  for (const FaultInfo& info : AllFaults()) EXPECT_THAT(line.help, HasSubstr(std::string(info.name)));
  EXPECT_THAT(line.help, HasSubstr("penstock-sandbox --data samples"));
}

TEST(CommandLine, WhatItDoesNotUnderstandIsNamed) {
  const std::vector<std::vector<std::string>> bad = {
      {"--nonsense"},         {"--rpm", "fast"},       {"--data", "x", "--synthetic", "days=3"},
      {"--listen", "8080"},   {"--listen", "h:99999"}, {"--synthetic", "weeks=3"},
      {"--now", "tomorrow"},  {"--retention", "long"}, {"--ttfb", "soon"},
      {"--body-time", "-1s"}, {"--jitter", "2"},       {"--auth-scheme", "digest"},
      {"--client-id", "me"},  {"--fault", "501"}};
  for (const auto& words : bad) {
    EXPECT_THAT(ParseCommandLine(words), StatusIs(absl::StatusCode::kInvalidArgument, ::testing::Not("")))
        << words[0] << " " << words.back();
  }
}

}  // namespace
}  // namespace penstock::sandbox
