// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/checkers/robustness.h"

#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/simulation/source.h"
#include "tests/simulation/world.h"

namespace penstock::simulation {

using storage::WindowRecord;

void RobustnessChecker::OnRequestSent(const RequestSent& sent) {
  ++sent_;
  if (!absl::StartsWith(sent.url, absl::StrCat(kSourceUrl, "/"))) {
    Violated("I40", absl::StrCat("a request goes to ", sent.url));
  }
}

void RobustnessChecker::OnStoreCommit(const StoreCommit& commit) {
  for (const store::Record& record : commit.committed->records) {
    const auto* window = std::get_if<WindowRecord>(&record);
    if (window == nullptr) continue;
    if (window->state() == WindowRecord::PENDING || window->state() == WindowRecord::LEASED) {
      open_[window->job()].insert(window->number());
    } else {
      open_[window->job()].erase(window->number());
    }
    if (window->state() != WindowRecord::DONE) continue;
    if (commit.page == nullptr || commit.page->window != window->number()) {
      Violated("I33", absl::StrCat("window ", window->number(), " is done without a page"));
    }
  }
  for (const store::Record& record : commit.committed->records) {
    const auto* job = std::get_if<storage::JobRecord>(&record);
    if (job == nullptr || job->state() != storage::JobRecord::DONE || open_[job->number()].empty()) continue;
    Violated("I33", absl::StrCat("job ", job->number(), " is done and has open windows"));
  }
}

void RobustnessChecker::AtEnd(coordinator::Core& core) {
  uint64_t faults = 0;
  for (const uint64_t count : world_.faults.counts()) faults += count;
  // A page is asked for at most 8 times for one cause (worker/limits.h); a crash interrupts what is under way.
  const uint64_t most = world_.pages + world_.pages / 10 + 8 * faults + 20 * world_.crashes + 20;
  if (sent_ > most) {
    Violated("I34", absl::StrCat(sent_, " requests for ", world_.pages, " pages and ", faults, " faults"));
  }
}

}  // namespace penstock::simulation
