// SPDX-License-Identifier: Apache-2.0
// That each bug is found is a run of its own: penstock-simulation --bugs (CMakeLists.txt).
#include "tests/simulation/planted_bugs.h"

#include <gtest/gtest.h>

#include <set>

#include "base/log.h"
#include "tests/simulation/run.h"

namespace penstock::simulation {
namespace {

TEST(PlantedBugs, EachHasItsRowInTheTable) {
  std::set<Bug> bugs;
  std::set<absl::string_view> names;
  for (const PlantedBug& bug : AllPlantedBugs()) {
    bugs.insert(bug.bug);
    names.insert(bug.name);
    EXPECT_FALSE(bug.invariants.empty()) << bug.name;
    EXPECT_EQ(FindPlantedBug(bug.name)->bug, bug.bug);
  }
  EXPECT_EQ(bugs.size(), static_cast<size_t>(Bug::kLostCommitTakenForDone));
  EXPECT_EQ(names.size(), bugs.size());
  EXPECT_FALSE(bugs.contains(Bug::kNone));
  EXPECT_FALSE(FindPlantedBug("no-such-bug").has_value());
}

TEST(PlantedBugs, OneThatIsOnChangesTheRunAndIsReplayedByItsSeed) {
  SetUpLog(LogLevel::kOff, LogFormat::kText);
  const RunResult sound = RunSeed({.seed = 1});
  const RunResult once = RunSeed({.seed = 1, .bug = Bug::kCursorBeforeRows});
  const RunResult again = RunSeed({.seed = 1, .bug = Bug::kCursorBeforeRows});
  EXPECT_EQ(sound.violation, "");
  EXPECT_NE(once.violation, "");
  EXPECT_EQ(once.violation, again.violation);
  EXPECT_EQ(once.trace_hash, again.trace_hash);
}

}  // namespace
}  // namespace penstock::simulation
