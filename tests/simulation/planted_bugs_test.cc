// SPDX-License-Identifier: Apache-2.0
// The checkers are worth something only if they find what is wrong: each deliberate defect, within some seeds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/log.h"
#include "tests/simulation/run.h"

namespace penstock::simulation {
namespace {

using ::testing::HasSubstr;

constexpr uint64_t kSeedsMax = 200;

// The first violation that a run with the bug ends with.
std::string FirstViolation(bool PlantedBugs::*bug) {
  SetUpLog(LogLevel::kOff, LogFormat::kText);
  for (uint64_t seed = 1; seed <= kSeedsMax; ++seed) {
    RunOptions options = {.seed = seed};
    options.bugs.*bug = true;
    const RunResult run = RunSeed(options);
    if (!run.violation.empty()) return run.violation;
  }
  return "";
}

TEST(PlantedBug, ACommitThatIsAcknowledgedBeforeItIsSyncedIsFound) {
  EXPECT_THAT(FirstViolation(&PlantedBugs::acknowledge_before_sync), HasSubstr("I18"));
}

}  // namespace
}  // namespace penstock::simulation
