// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "base/log.h"
#include "tests/simulation/run.h"

namespace penstock::simulation {
namespace {

TEST(Ledger, EverySeedThatEverFailedHoldsNow) {
  SetUpLog(LogLevel::kOff, LogFormat::kText);
  std::ifstream file(PENSTOCK_LEDGER);
  ASSERT_TRUE(file.is_open()) << PENSTOCK_LEDGER;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || absl::StartsWith(line, "#")) continue;
    const std::vector<std::string> parts = absl::StrSplit(line, '|');
    ASSERT_EQ(parts.size(), 3u) << line;
    uint64_t seed = 0;
    ASSERT_TRUE(absl::SimpleAtoi(parts[0], &seed)) << line;
    EXPECT_EQ(RunSeed({.seed = seed}).violation, "") << line;
  }
}

TEST(Seed, TheSameSeedHasTheSameTraceAndAnotherSeedAnother) {
  SetUpLog(LogLevel::kOff, LogFormat::kText);
  const RunResult once = RunSeed({.seed = 7});
  const RunResult again = RunSeed({.seed = 7});
  EXPECT_EQ(once.trace_hash, again.trace_hash);
  EXPECT_EQ(once.events, again.events);
  EXPECT_NE(once.trace_hash, RunSeed({.seed = 8}).trace_hash);
}

}  // namespace
}  // namespace penstock::simulation
