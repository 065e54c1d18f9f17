// SPDX-License-Identifier: Apache-2.0
// The simulator's command line; `./dev sim` is its door.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "absl/time/time.h"
#include "base/clock.h"
#include "base/log.h"
#include "tests/simulation/bug_hunt.h"
#include "tests/simulation/campaign.h"
#include "tests/simulation/run.h"

namespace penstock::simulation {
namespace {

int Replay(const RunOptions& replay) {
  const RunResult run = RunSeed(replay);
  std::printf("seed %llu: %s\n", static_cast<unsigned long long>(replay.seed),
              run.violation.empty() ? "all invariants hold" : run.violation.c_str());
  std::printf("%.2f virtual hours, %llu requests, %llu pages, at most %u in 60 s, trace %016llx\n",
              absl::ToDoubleHours(run.length), static_cast<unsigned long long>(run.requests),
              static_cast<unsigned long long>(run.pages), run.peak,
              static_cast<unsigned long long>(run.trace_hash));
  return run.violation.empty() ? 0 : 1;
}

int Hunt(const HuntOptions& options) {
  const std::vector<Caught> caught = HuntBugs(options);
  std::fputs(Describe(caught).c_str(), stdout);
  return AllCaught(caught) ? 0 : 1;
}

int Main(int argc, char** argv) {
  CLI::App app{"Runs the cluster on virtual time under random faults, one run per seed"};
  CampaignOptions options;
  uint64_t seed = 0;
  double least_hours = 0;
  bool trace = false;
  bool all_faults = false;
  bool bugs = false;
  std::string bug;
  HuntOptions hunt;
  app.add_option("--seeds", options.seeds, "how many")->capture_default_str();
  app.add_option("--first", options.first, "the first seed")->capture_default_str();
  app.add_option("--jobs", options.jobs, "processes")->capture_default_str()->check(CLI::Range(1, 64));
  app.add_option("--seed", seed, "run this one seed");
  app.add_flag("--trace", trace, "with --seed: print what happens, event by event, and the logs");
  app.add_flag("--all-faults", all_faults, "fail when a kind of fault never fired");
  app.add_option("--least-hours", least_hours, "fail when fewer virtual hours were simulated");
  app.add_flag("--bugs", bugs, "plant each deliberate bug and run seeds until it is found");
  app.add_option("--shard", hunt.shard, "with --bugs: only every --of th, from this on");
  app.add_option("--of", hunt.of)->check(CLI::PositiveNumber);
  app.add_option("--bug", bug, "with --seed: plant this one")->check([](const std::string& name) {
    return FindPlantedBug(name).has_value() ? "" : "no such bug; --bugs lists them";
  });
  CLI11_PARSE(app, argc, argv);
  SetUpLog(trace ? LogLevel::kInfo : LogLevel::kOff, LogFormat::kText);
  if (bugs) {
    hunt.first = options.first;
    hunt.jobs = options.jobs;
    return Hunt(hunt);
  }
  if (seed != 0) {
    const Bug planted = bug.empty() ? Bug::kNone : FindPlantedBug(bug)->bug;
    return Replay({.seed = seed, .print = trace, .bug = planted});
  }
  const absl::Duration start = SystemClock().Now().boot;
  const CampaignReport report = RunCampaign(options);
  std::fputs(Describe(report, SystemClock().Now().boot - start).c_str(), stdout);
  if (!report.failures.empty()) return 1;
  if (all_faults && !report.NeverFired().empty()) return 1;
  return report.hours < least_hours ? 1 : 0;
}

}  // namespace
}  // namespace penstock::simulation

int main(int argc, char** argv) { return penstock::simulation::Main(argc, argv); }
