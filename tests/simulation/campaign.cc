// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/campaign.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"
#include "tests/simulation/run.h"

namespace penstock::simulation {
namespace {

constexpr double kPaceLeast = 0.9;
constexpr size_t kFailuresMax = 3;

// For the handler below, which may only write.
volatile uint64_t running_seed = 0;

void OnAbort(int) {
  char line[160];
  const int size = std::snprintf(
      line, sizeof(line), "seed %llu broke off; replay: ./dev sim --seed %llu --trace\n",
      static_cast<unsigned long long>(running_seed), static_cast<unsigned long long>(running_seed));
  if (write(STDERR_FILENO, line, size) < 0) _exit(4);
  _exit(3);
}

void Add(const RunResult& run, uint64_t seed, CampaignReport& report) {
  ++report.seeds;
  report.requests += run.requests;
  report.pages += run.pages;
  report.commits += run.commits;
  report.crashes += run.crashes;
  report.events += run.events;
  report.hours += absl::ToDoubleHours(run.length);
  for (size_t i = 0; i < kFaults; ++i) report.faults[i] += run.faults[i];
  if (!run.violation.empty()) report.failures.push_back(absl::StrCat("seed ", seed, ": ", run.violation));
  if (run.pace < kPaceLeast) {
    ++report.slow;
    report.slow_runs.push_back(absl::StrFormat("seed %d at %.0f %%", seed, 100 * run.pace));
  }
}

// What a child tells its parent: a line for each word of the report.
std::string Write(const CampaignReport& report) {
  std::string text =
      absl::StrCat("n ", report.seeds, " ", report.requests, " ", report.pages, " ", report.commits, " ",
                   report.crashes, " ", report.events, " ", report.slow, "\nh ", report.hours, "\nf");
  for (const uint64_t count : report.faults) absl::StrAppend(&text, " ", count);
  for (const std::string& failure : report.failures) absl::StrAppend(&text, "\nv ", failure);
  for (const std::string& run : report.slow_runs) absl::StrAppend(&text, "\ns ", run);
  return absl::StrCat(text, "\nend\n");
}

// False when the child did not come to its end.
bool Read(const std::string& text, CampaignReport& report) {
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (line == "end") return true;
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
    const auto number = [&](size_t i) {
      uint64_t value = 0;
      CHECK(i < words.size() && absl::SimpleAtoi(words[i], &value));
      return value;
    };
    if (words[0] == "n") {
      uint64_t* const fields[] = {&report.seeds,   &report.requests, &report.pages, &report.commits,
                                  &report.crashes, &report.events,   &report.slow};
      for (size_t i = 0; i < 7; ++i) *fields[i] += number(i + 1);
    } else if (words[0] == "h") {
      double hours = 0;
      CHECK(absl::SimpleAtod(words[1], &hours));
      report.hours += hours;
    } else if (words[0] == "f") {
      for (size_t i = 0; i < kFaults; ++i) report.faults[i] += number(i + 1);
    } else if (words[0] == "v") {
      report.failures.emplace_back(line.substr(2));
    } else if (words[0] == "s") {
      report.slow_runs.emplace_back(line.substr(2));
    }
  }
  return false;
}

CampaignReport RunShare(const CampaignOptions& options, int job) {
  CampaignReport report;
  for (uint64_t i = job; i < options.seeds; i += options.jobs) {
    const uint64_t seed = options.first + i;
    running_seed = seed;
    const RunResult run = RunSeed({.seed = seed});
    Add(run, seed, report);
    if (seed % options.repeat_every == 0 && RunSeed({.seed = seed}).trace_hash != run.trace_hash) {
      report.failures.push_back(absl::StrCat("seed ", seed, ": I38: a second run has another trace"));
    }
    if (report.failures.size() >= kFailuresMax) break;
  }
  return report;
}

}  // namespace

std::vector<Fault> CampaignReport::NeverFired() const {
  std::vector<Fault> never;
  for (size_t i = 0; i < kFaults; ++i) {
    if (faults[i] == 0) never.push_back(static_cast<Fault>(i));
  }
  return never;
}

CampaignReport RunCampaign(const CampaignOptions& options) {
  std::vector<std::pair<pid_t, int>> children;
  for (int job = 0; job < options.jobs; ++job) {
    int ends[2];
    CHECK(pipe(ends) == 0);
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
      std::signal(SIGABRT, OnAbort);
      close(ends[0]);
      const std::string text = Write(RunShare(options, job));
      for (size_t done = 0; done < text.size();) {
        const ssize_t wrote = write(ends[1], text.data() + done, text.size() - done);
        if (wrote < 0) _exit(2);
        done += static_cast<size_t>(wrote);
      }
      _exit(0);
    }
    close(ends[1]);
    children.emplace_back(child, ends[0]);
  }
  CampaignReport report;
  for (const auto& [child, end] : children) {
    std::string text;
    char buffer[4096];
    for (ssize_t size = 0; (size = read(end, buffer, sizeof(buffer))) > 0;) text.append(buffer, size);
    close(end);
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    if (!Read(text, report)) report.failures.push_back("a process broke off: see its seed above");
  }
  return report;
}

std::string Describe(const CampaignReport& report, absl::Duration wall) {
  std::string text = absl::StrFormat(
      "%d seeds, %.0f virtual hours, %.0f s; %d events, %d requests, %d pages,\n"
      "%d commits, %d crashes\n",
      report.seeds, report.hours, absl::ToDoubleSeconds(wall), report.events, report.requests, report.pages,
      report.commits, report.crashes);
  for (size_t i = 0; i < kFaults; ++i) {
    absl::StrAppendFormat(&text, "%10d  %-27.27s%s", report.faults[i], FaultName(static_cast<Fault>(i)),
                          i % 2 == 1 || i + 1 == kFaults ? "\n" : "");
  }
  if (report.slow > 0) {
    absl::StrAppendFormat(&text, "%d runs were below 90 %% of the schedule and prove little:\n", report.slow);
    for (const std::string& run : report.slow_runs) absl::StrAppend(&text, "  ", run, "\n");
  }
  for (const Fault fault : report.NeverFired()) {
    absl::StrAppend(&text, "never fired: ", FaultName(fault), "\n");
  }
  for (const std::string& failure : report.failures) {
    absl::StrAppend(&text, failure, "\n");
    const std::pair<std::string, std::string> parts = absl::StrSplit(failure, absl::MaxSplits(':', 1));
    if (absl::StartsWith(parts.first, "seed ")) {
      absl::StrAppend(&text, "  replay: ./dev sim --", parts.first, " --trace\n");
    }
  }
  return text;
}

}  // namespace penstock::simulation
