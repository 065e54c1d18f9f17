// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/checkers/commit.h"

#include <algorithm>
#include <tuple>
#include <variant>

#include "absl/strings/str_cat.h"
#include "base/endpoint.h"
#include "proto/convert.h"
#include "store/page_plan.h"
#include "tests/simulation/world.h"

namespace penstock::simulation {

using storage::WindowRecord;

void CommitChecker::CheckProgress(const store::PageWrite& page, const WindowRecord& before,
                                  const WindowRecord& after) {
  last_page_ = {page.window, before.next_page(), page.rows.size(), page.quarantined.size()};
  const bool next = after.chain() == before.chain() && after.next_page() == before.next_page() + 1;
  const bool anew = after.chain() == before.chain() + 1 && after.next_page() == 0;
  if (!next && !anew) {
    Violated("I19", absl::StrCat("window ", page.window, " goes from page ", before.next_page(), " to ",
                                 after.next_page()));
  }
  if (after.state() == WindowRecord::DONE && !after.next_link().empty()) {
    Violated("I22", absl::StrCat("window ", page.window, " is done and has a next link"));
  }
}

void CommitChecker::OnPage(const store::PageWrite& page, const StoreCommit& commit) {
  const v1::PageCounts& counts = commit.committed->counts;
  if (counts.fetched() !=
          counts.inserted() + counts.updated() + counts.identical() + counts.older() + counts.quarantined() ||
      counts.fetched() != page.rows.size() + page.quarantined.size()) {
    Violated("I26", absl::StrCat("the counts of commit ", commit.committed->number, " do not add up"));
  }
  for (const v1::Row& row : page.rows) {
    const Version fetched = {
        row.has_last_updated_time() ? FromProto(row.last_updated_time()) : absl::InfinitePast(), page.permit,
        row.raw()};
    auto [place, added] = rows_.try_emplace({page.endpoint, row.id()}, fetched);
    Version& known = place->second;
    if (added || known.raw == fetched.raw) continue;
    if (std::tie(fetched.stamp, fetched.permit) >= std::tie(known.stamp, known.permit)) known = fetched;
  }
  for (const v1::Row& row : page.rows) {
    const absl::StatusOr<storage::RowRecord> stored = disk_.store().GetRow(1, page.endpoint, row.id());
    if (!stored.ok() || stored->raw() != rows_.at({page.endpoint, row.id()}).raw) {
      Violated("I21", absl::StrCat("row ", row.id(), " is not stored as the newest of its versions"));
    }
  }
}

void CommitChecker::OnStoreCommit(const StoreCommit& commit) {
  if (commit.committed->number != last_commit_ + 1) {
    Violated("I18", absl::StrCat("commit ", commit.committed->number, " follows ", last_commit_));
  }
  last_commit_ = commit.committed->number;
  bool progress = false;
  for (const store::Record& record : commit.committed->records) {
    const auto* window = std::get_if<WindowRecord>(&record);
    if (window == nullptr) continue;
    WindowRecord& known = windows_[window->number()];
    if (commit.page != nullptr && window->number() == commit.page->window) {
      CheckProgress(*commit.page, known, *window);
      progress = true;
    } else if (window->next_page() > known.next_page() && known.number() != 0) {
      Violated("I17", absl::StrCat("window ", window->number(), " moves on without a page"));
    }
    known = *window;
  }
  if (commit.page == nullptr) return;
  if (!progress) {
    Violated("I17", absl::StrCat("rows of window ", commit.page->window, " come without its progress"));
  }
  OnPage(*commit.page, commit);
}

void CommitChecker::OnPageAnswered(const v1::PageHeader& header, const v1::CommitPageResponse& response,
                                   bool wrote, const Moment& now) {
  last_acknowledged_ = std::max(last_acknowledged_, response.store().acknowledged_commit());
  if (response.outcome() == v1::CommitPageResponse::ALREADY_APPLIED) return;
  if (!wrote || last_page_.window != header.window() || last_page_.before != header.page()) {
    Violated("I20",
             absl::StrCat("page ", header.page(), " of window ", header.window(), " is said to be applied"));
  }
  if (last_page_.rows != header.row_count() || last_page_.quarantined != header.quarantined_count()) {
    Violated("I17", absl::StrCat("page ", header.page(), " of window ", header.window(), " has ",
                                 header.row_count(), " rows, ", last_page_.rows, " were committed"));
  }
  const WindowRecord& window = windows_[header.window()];
  // A chain that was cut goes nowhere: its remainder is windows of their own.
  const std::string link = window.cut() ? "" : header.next_link();
  if (window.chain() == header.chain() && window.next_link() != link) {
    Violated("I17", absl::StrCat("the next link of window ", header.window(), " is not the page's"));
  }
}

void CommitChecker::CompareDays(Endpoint endpoint, const std::map<int64_t, uint64_t>& days,
                                const std::string& when) {
  const absl::StatusOr<std::vector<store::DayCount>> counted = disk_.store().DayCounts(1, endpoint);
  bool same = counted.ok() && counted->size() == days.size();
  for (size_t i = 0; same && i < counted->size(); ++i) {
    const auto day = days.find(counted->at(i).day);
    same = day != days.end() && day->second == counted->at(i).rows;
  }
  if (!same) Violated("I17", absl::StrCat(when, ": the day counters of ", Name(endpoint), " are wrong"));
}

void CommitChecker::CompareRows(const std::string& when) {
  size_t found = 0;
  for (Endpoint endpoint : kAllEndpoints) {
    std::map<int64_t, uint64_t> days;
    const absl::Status scanned = disk_.store().ScanRows(1, endpoint, [&](const v1::Row& row) {
      ++days[store::CountedDay(OptionalTime(row.has_created_time(), row.created_time()))];
      const auto known = rows_.find({endpoint, row.id()});
      if (known == rows_.end()) {
        Violated("I24", absl::StrCat(when, ": row ", row.id(), " was never committed"));
      } else if (known->second.raw != row.raw()) {
        Violated("I21", absl::StrCat(when, ": row ", row.id(), " has another version"));
      }
      ++found;
      return true;
    });
    if (!scanned.ok()) Violated("I18", std::string(scanned.message()));
    CompareDays(endpoint, days, when);
  }
  if (found != rows_.size()) {
    Violated("I18", absl::StrCat(when, ": ", found, " rows of ", rows_.size(), " are there"));
  }
}

void CommitChecker::OnCoordinatorStart(const coordinator::Core& core, const Moment& now,
                                       const std::string& boot_id) {
  if (core.store().last_commit() < last_acknowledged_) {
    Violated("I18", absl::StrCat("commit ", last_acknowledged_, " was acknowledged, the store ends at ",
                                 core.store().last_commit()));
  }
  for (const auto& [number, window] : windows_) {
    const WindowRecord* recovered = core.state().FindWindow(number);
    if (recovered == nullptr || recovered->next_page() != window.next_page() ||
        recovered->chain() != window.chain()) {
      Violated("I18", absl::StrCat("the progress of window ", number, " is not what was committed"));
    }
  }
  CompareRows("at a start");
}

void CommitChecker::AtEnd(coordinator::Core& core) { CompareRows("at the end"); }

}  // namespace penstock::simulation
