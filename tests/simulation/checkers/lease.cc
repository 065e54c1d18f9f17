// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/checkers/lease.h"

#include <algorithm>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/endpoint.h"
#include "base/instant.h"
#include "proto/convert.h"
#include "tests/simulation/world.h"

namespace penstock::simulation {
namespace {

using storage::JobRecord;
using storage::WindowRecord;

// A lease's length, as coordinator/limits.h promises it to workers.
constexpr absl::Duration kLeaseLength = absl::Seconds(20);

std::pair<uint64_t, uint64_t> TokenOf(const WindowRecord& window) {
  return {window.token_epoch(), window.token_counter()};
}

// The picture in docs/architecture.md, written down a second time.
bool MayMove(WindowRecord::State from, WindowRecord::State to) {
  static const std::set<std::pair<int, int>>* const kEdges = new std::set<std::pair<int, int>>{
      {WindowRecord::STATE_UNSPECIFIED, WindowRecord::PENDING},
      {WindowRecord::PENDING, WindowRecord::LEASED},
      {WindowRecord::PENDING, WindowRecord::PARKED},
      {WindowRecord::PENDING, WindowRecord::SPLIT},
      {WindowRecord::PENDING, WindowRecord::CANCELLED},
      {WindowRecord::LEASED, WindowRecord::PENDING},
      {WindowRecord::LEASED, WindowRecord::DONE},
      {WindowRecord::LEASED, WindowRecord::PARKED},
      {WindowRecord::LEASED, WindowRecord::CANCELLED},
      {WindowRecord::PARKED, WindowRecord::PENDING},
      {WindowRecord::PARKED, WindowRecord::CANCELLED},
  };
  return from == to || kEdges->contains({from, to});
}

bool MayMove(JobRecord::State from, JobRecord::State to) {
  if (from == to) return true;
  switch (from) {
    case JobRecord::STATE_UNSPECIFIED:
    case JobRecord::DONE:
      return to == JobRecord::RUNNING;
    case JobRecord::RUNNING:
      return to == JobRecord::PAUSED || to == JobRecord::DONE || to == JobRecord::CANCELLED;
    case JobRecord::PAUSED:
      return to == JobRecord::RUNNING || to == JobRecord::CANCELLED;
    default:
      return false;
  }
}

}  // namespace

void LeaseChecker::OnWindow(const WindowRecord& window) {
  WindowRecord& known = windows_[window.number()];
  if (!MayMove(known.state(), window.state())) {
    Violated("I15",
             absl::StrCat("window ", window.number(), " goes from ", known.state(), " to ", window.state()));
  }
  if (TokenOf(window) < TokenOf(known)) {
    Violated("I10", absl::StrCat("the token of window ", window.number(), " goes back"));
  }
  const bool leased_anew = window.state() == WindowRecord::LEASED && known.state() != WindowRecord::LEASED;
  if (leased_anew && TokenOf(window) == TokenOf(known)) {
    Violated("I10", absl::StrCat("window ", window.number(), " is leased again under the same token"));
  }
  known = window;
}

void LeaseChecker::OnPageArrives(const v1::PageHeader& header) {
  arrived_[header.window()] = {header.token().epoch(), header.token().counter()};
}

void LeaseChecker::OnStoreCommit(const StoreCommit& commit) {
  // Before the window's new record, which ends the lease with the last page.
  if (commit.page != nullptr && arrived_[commit.page->window] != TokenOf(windows_[commit.page->window])) {
    Violated("I12", absl::StrCat("a page of window ", commit.page->window, " is stored under a stale token"));
  }
  for (const store::Record& record : commit.committed->records) {
    if (const auto* window = std::get_if<WindowRecord>(&record)) OnWindow(*window);
    if (const auto* job = std::get_if<JobRecord>(&record)) {
      JobRecord& known = jobs_[job->number()];
      if (!MayMove(known.state(), job->state())) {
        Violated("I15",
                 absl::StrCat("job ", job->number(), " goes from ", known.state(), " to ", job->state()));
      }
      known = *job;
    }
  }
}

void LeaseChecker::OnCoordinatorStart(const coordinator::Core& core, const Moment& now,
                                      const std::string& boot_id) {
  // Whoever held a lease gets a fresh deadline.
  deadlines_.clear();
  for (const auto& [number, window] : windows_) {
    if (window.state() == WindowRecord::LEASED) deadlines_[TokenOf(window)] = now.boot + kLeaseLength;
  }
}

void LeaseChecker::OnLeaseGranted(const v1::FetchAssignment& assignment, const Moment& now) {
  deadlines_[{assignment.token().epoch(), assignment.token().counter()}] = now.boot + kLeaseLength;
}

void LeaseChecker::OnLeaseRenewed(const v1::LeaseToken& token, const Moment& now) {
  const auto deadline = deadlines_.find({token.epoch(), token.counter()});
  // An expired lease stays expired, whoever names it.
  if (deadline != deadlines_.end() && deadline->second > now.boot) deadline->second = now.boot + kLeaseLength;
}

void LeaseChecker::OnPageAnswered(const v1::PageHeader& header, const v1::CommitPageResponse& response,
                                  bool wrote, const Moment& now) {
  // Said to be applied and not written: that is for I20.
  if (!wrote || response.outcome() != v1::CommitPageResponse::APPLIED) return;
  const Token token = {header.token().epoch(), header.token().counter()};
  const auto deadline = deadlines_.find(token);
  if (deadline == deadlines_.end() || deadline->second <= now.boot) {
    Violated("I13", absl::StrCat("a page of window ", header.window(), " is applied for an expired lease"));
  }
}

void LeaseChecker::AfterCoordinatorEvent(coordinator::Core& core, const Moment& now) {
  std::set<uint64_t> leased;
  for (const auto& [token, lease] : core.leases().all()) {
    if (lease.window != 0 && !leased.insert(lease.window).second) {
      Violated("I11", absl::StrCat("window ", lease.window, " has two leases"));
    }
  }
}

void LeaseChecker::AtEnd(coordinator::Core& core) {
  for (const auto& [number, job] : jobs_) {
    if (job.state() != JobRecord::DONE) continue;
    for (const int endpoint : job.endpoints()) {
      // Users have no created_time: one window reads them all, whatever the range.
      const bool ranged = HasCreatedTime(static_cast<Endpoint>(endpoint));
      std::vector<std::pair<absl::Time, absl::Time>> spans;
      for (const auto& [window_number, window] : windows_) {
        if (window.job() != number || window.endpoint() != endpoint) continue;
        if (window.purpose() != WindowRecord::RANGE || window.state() == WindowRecord::SPLIT) continue;
        spans.emplace_back(window.has_from() ? FromProto(window.from()) : absl::InfinitePast(),
                           window.has_to() ? FromProto(window.to()) : absl::InfiniteFuture());
      }
      std::sort(spans.begin(), spans.end());
      absl::Time reached = ranged && job.has_from() ? FromProto(job.from()) : absl::InfinitePast();
      const absl::Time end = ranged && job.has_to() ? FromProto(job.to()) : absl::InfiniteFuture();
      bool whole = !spans.empty();
      for (const auto& [from, to] : spans) {
        whole = whole && from == reached && from < to;
        reached = to;
      }
      if (!whole || reached != end) {
        std::string tiles;
        for (const auto& [from, to] : spans)
          absl::StrAppend(&tiles, " [", FormatStamp(from), ", ", FormatStamp(to), ")");
        Violated("I16", absl::StrCat("the windows of job ", number, ", endpoint ", endpoint,
                                     ", do not tile its range:", tiles));
      }
    }
  }
}

}  // namespace penstock::simulation
