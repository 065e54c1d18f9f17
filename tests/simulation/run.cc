// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/run.h"

#include "tests/simulation/cluster.h"
#include "tests/simulation/mischief.h"
#include "tests/simulation/world.h"

namespace penstock::simulation {
namespace {

// Below this many requests the pace is chance.
constexpr double kEnoughToJudge = 60;

}  // namespace

RunResult RunSeed(const RunOptions& options) {
  World world(options.seed, options.print);
  world.bug = options.bug;
  world.faults = FaultPlan::Swarm(world.dice);
  Scenario scenario = Scenario::Draw(world);
  // The bugs of the store are planted in the memory store.
  scenario.rocks = scenario.rocks && options.bug == Bug::kNone;
  scenario.second_hand_destination = options.seed % 8 == 0 || options.bug == Bug::kForeignCursorHonoured;
  RunResult result;
  {
    Cluster cluster(world, scenario);
    Mischief mischief(cluster);
    mischief.Begin();
    cluster.RunUntil(scenario.length);
    if (world.violation.empty()) cluster.Finish();
    result.peak = cluster.source().peak();
    if (cluster.allowed() >= kEnoughToJudge) result.pace = cluster.came() / cluster.allowed();
  }
  result.violation = world.violation;
  result.trace_hash = world.trace.hash();
  result.faults = world.faults.counts();
  result.length = world.queue.now();
  result.events = world.queue.events();
  result.requests = world.requests;
  result.pages = world.pages;
  result.commits = world.commits;
  result.crashes = world.crashes;
  return result;
}

}  // namespace penstock::simulation
