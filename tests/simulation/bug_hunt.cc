// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/bug_hunt.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "base/clock.h"
#include "base/status_macros.h"
#include "tests/simulation/run.h"

namespace penstock::simulation {
namespace {

// A bug's child says each seed before it runs it, then what it found and after how long: the last line is the
// result, also when the child breaks off.
void HuntInChild(const PlantedBug& bug, const HuntOptions& options, std::FILE* out) {
  const Clock& clock = SystemClock();
  const absl::Duration start = clock.Now().boot;
  const auto say = [&](uint64_t seed, const std::string& violation) {
    std::fprintf(out, "%llu %.3f %s\n", static_cast<unsigned long long>(seed),
                 absl::ToDoubleSeconds(clock.Now().boot - start), violation.c_str());
    std::fflush(out);
  };
  for (uint64_t seed = options.first; seed < options.first + options.seeds_most; ++seed) {
    say(seed, "CHECK: the process broke off");
    const RunResult run = RunSeed({.seed = seed, .bug = bug.bug});
    say(seed, run.violation);
    if (!run.violation.empty()) break;
  }
}

struct Hunt {
  Caught caught;
  pid_t child = -1;
  int end = -1;
};

Hunt Begin(const PlantedBug& bug, const HuntOptions& options) {
  int ends[2];
  CHECK(pipe(ends) == 0);
  Hunt hunt;
  hunt.caught.bug = bug;
  hunt.end = ends[0];
  hunt.child = fork();
  CHECK(hunt.child >= 0);
  if (hunt.child == 0) {
    close(ends[0]);
    std::FILE* const out = fdopen(ends[1], "w");
    CHECK(out != nullptr);
    HuntInChild(bug, options, out);
    _exit(0);
  }
  close(ends[1]);
  return hunt;
}

Caught End(Hunt hunt) {
  std::string text;
  char buffer[4096];
  for (ssize_t size = 0; (size = read(hunt.end, buffer, sizeof(buffer))) > 0;) text.append(buffer, size);
  close(hunt.end);
  int status = 0;
  CHECK(waitpid(hunt.child, &status, 0) == hunt.child);
  Caught& caught = hunt.caught;
  const std::vector<std::string> lines = absl::StrSplit(text, '\n', absl::SkipEmpty());
  CHECK(!lines.empty());
  const std::vector<std::string> last = absl::StrSplit(lines.back(), absl::MaxSplits(' ', 2));
  double seconds = 0;
  CHECK(last.size() == 3 && absl::SimpleAtoi(last[0], &caught.seed) && absl::SimpleAtod(last[1], &seconds));
  caught.wall = absl::Seconds(seconds);
  caught.violation = last[2];
  caught.found = !caught.violation.empty();
  const std::string invariant = caught.violation.substr(0, caught.violation.find(':'));
  const std::vector<std::string> expected = absl::StrSplit(caught.bug.invariants, ' ');
  caught.by_its_invariant = std::find(expected.begin(), expected.end(), invariant) != expected.end();
  return caught;
}

}  // namespace

std::vector<Caught> HuntBugs(const HuntOptions& options) {
  std::vector<PlantedBug> bugs;
  for (size_t i = options.shard; i < AllPlantedBugs().size(); i += options.of) {
    bugs.push_back(AllPlantedBugs()[i]);
  }
  std::vector<Caught> caught;
  std::vector<Hunt> running;
  for (const PlantedBug& bug : bugs) {
    running.push_back(Begin(bug, options));
    if (running.size() < static_cast<size_t>(options.jobs)) continue;
    caught.push_back(End(std::move(running.front())));
    running.erase(running.begin());
  }
  for (Hunt& hunt : running) caught.push_back(End(std::move(hunt)));
  return caught;
}

bool AllCaught(const std::vector<Caught>& caught) {
  return std::all_of(caught.begin(), caught.end(), [](const Caught& one) { return one.by_its_invariant; });
}

std::string Describe(const std::vector<Caught>& caught) {
  std::string text = absl::StrFormat("%-25s %5s %6s  %s\n", "bug", "seed", "s", "found as");
  size_t found = 0;
  absl::Duration wall;
  for (const Caught& one : caught) {
    absl::StrAppendFormat(&text, "%-25s %5d %6.2f  %.39s\n", one.bug.name, one.seed,
                          absl::ToDoubleSeconds(one.wall), one.found ? one.violation : "NOT FOUND");
    if (!one.by_its_invariant) {
      absl::StrAppend(&text, "  ", one.bug.what, ": ", one.bug.invariants, " should have found it\n");
    }
    found += one.by_its_invariant;
    wall += one.wall;
  }
  absl::StrAppendFormat(&text, "%d of %d planted bugs found, in %.0f s; replay: ./dev sim --bug B --seed N\n",
                        found, caught.size(), absl::ToDoubleSeconds(wall));
  return text;
}

}  // namespace penstock::simulation
