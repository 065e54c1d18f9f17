// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/expected_rows.h"

#include "absl/hash/hash.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "proto/convert.h"

namespace penstock {
namespace {

constexpr size_t kMostNamed = 10;

}  // namespace

ExpectedRows::PageKey ExpectedRows::KeyOf(const worker::PageToCommit& page) {
  const v1::PageHeader& header = page.header;
  return {header.window(), header.chain(), header.page(), header.token().epoch(), header.token().counter()};
}

// This version is there to stay.
void ExpectedRows::Settle(Row& row, absl::Time stamp) {
  if (stamp > row.stamp) {
    row.raw = row.pending.at(stamp);
    row.stamp = stamp;
  }
  row.pending.erase(row.pending.begin(), row.pending.upper_bound(row.stamp));
}

void ExpectedRows::Sent(const worker::PageToCommit& page) {
  std::lock_guard lock(mutex_);
  SentPage& sent = unanswered_[KeyOf(page)];
  if (++sent.attempts > 1) return;
  for (const v1::Row& row : page.rows) {
    Row& known = rows_[row.id()];
    const absl::Time stamp = FromProto(row.last_updated_time());
    if (stamp <= known.stamp) continue;
    if (known.pending.emplace(stamp, row.raw()).second) {
      sent.fresh.emplace_back(row.id(), stamp);
    } else {
      repeated_.emplace(row.id(), stamp);
      ++sent.doubtful;
    }
  }
}

void ExpectedRows::Acknowledged(const worker::PageToCommit& page, const v1::CommitPageResponse& response) {
  std::lock_guard lock(mutex_);
  const auto sent = unanswered_.find(KeyOf(page));
  CHECK(sent != unanswered_.end());
  const uint64_t fresh = sent->second.fresh.size();
  uint64_t changed = fresh;
  if (response.outcome() == v1::CommitPageResponse::APPLIED) {
    const v1::PageCounts& counts = response.counts();
    changed = counts.inserted() + counts.updated();
    if (counts.fetched() != page.rows.size() || changed < fresh || changed > fresh + sent->second.doubtful) {
      Note(absl::StrCat("a page of ", page.rows.size(), " rows, ", fresh, " of them new, was counted as ",
                        counts.ShortDebugString()));
    }
  } else if (sent->second.attempts == 1) {
    Note("a page that was sent once had been applied before");
  }
  totals_.versions += changed;
  ++totals_.pages;
  unanswered_.erase(sent);
  for (const v1::Row& row : page.rows) {
    totals_.bytes += row.raw().size();
    Settle(rows_[row.id()], FromProto(row.last_updated_time()));
  }
}

void ExpectedRows::Refused(const worker::PageToCommit& page) {
  std::lock_guard lock(mutex_);
  const auto sent = unanswered_.find(KeyOf(page));
  CHECK(sent != unanswered_.end());
  // An earlier attempt may have been applied before the lease ended.
  if (sent->second.attempts > 1) return;
  for (const auto& [id, stamp] : sent->second.fresh) {
    if (!repeated_.contains({id, stamp})) rows_[id].pending.erase(stamp);
  }
  unanswered_.erase(sent);
}

void ExpectedRows::Compare(const worker::CoordinatorClient::Changes& all) {
  std::lock_guard lock(mutex_);
  absl::flat_hash_map<std::string, absl::Time> seen;
  uint64_t last = 0;
  for (const v1::Change& change : all.changes) {
    if (change.number() <= last) Note(absl::StrCat("change ", change.number(), " stands after ", last));
    last = change.number();
    if (!seen.emplace(change.row().id(), FromProto(change.row().last_updated_time())).second)
      Note(absl::StrCat("twice in the change sequence: ", change.row().id()));
    CompareRow(change);
  }
  for (const auto& [id, row] : rows_) {
    if (!row.raw.empty() && !seen.contains(id)) Note(absl::StrCat("an acknowledged row is lost: ", id));
  }
  ComparePages(seen);
  CompareHead(all.head);
}

void ExpectedRows::CompareRow(const v1::Change& change) {
  const v1::Row& got = change.row();
  const size_t version = absl::HashOf(got.id(), got.raw());
  if (numbers_.emplace(change.number(), version).first->second != version)
    Note(absl::StrCat("change number ", change.number(), " was reused for ", got.id()));
  const auto found = rows_.find(got.id());
  if (found == rows_.end() ||
      !absl::StartsWith(got.id(), absl::StrCat(Name(FromProto(change.endpoint())), "/"))) {
    return Note(absl::StrCat("never sent: ", got.id()));
  }
  Row& row = found->second;
  if (got.raw() == row.raw) return;
  const absl::Time stamp = FromProto(got.last_updated_time());
  const auto pending = row.pending.find(stamp);
  if (pending == row.pending.end() || pending->second != got.raw()) {
    return Note(absl::StrCat("neither the acknowledged nor a pending version: ", got.raw().substr(0, 150),
                             ", acknowledged was ", row.raw.substr(0, 150)));
  }
  Settle(row, stamp);
}

// A page is applied whole or not at all. One of whose rows has moved on tells no more.
void ExpectedRows::ComparePages(const absl::flat_hash_map<std::string, absl::Time>& seen) {
  for (const auto& [key, page] : unanswered_) {
    size_t applied = 0, absent = 0;
    for (const auto& [id, stamp] : page.fresh) {
      if (repeated_.contains({id, stamp})) continue;
      const auto found = seen.find(id);
      const absl::Time stored = found == seen.end() ? absl::InfinitePast() : found->second;
      applied += stored == stamp;
      absent += stored < stamp;
    }
    if (applied > 0 && absent > 0)
      Note(absl::StrCat("half a page: ", applied, " rows of ", page.fresh.size(), " were applied"));
  }
}

// Each version takes one change number, and nothing else takes one.
void ExpectedRows::CompareHead(uint64_t head) {
  uint64_t possible = totals_.versions;
  for (const auto& [key, page] : unanswered_) possible += page.fresh.size();
  if (head < totals_.versions || head > possible) {
    Note(absl::StrCat("the change sequence ends at ", head, "; acknowledged pages took ", totals_.versions,
                      ", all that were sent ", possible));
  }
}

Records ExpectedRows::AcknowledgedOf(Endpoint endpoint) const {
  std::lock_guard lock(mutex_);
  const std::string prefix = absl::StrCat(Name(endpoint), "/");
  Records records;
  for (auto row = rows_.lower_bound(prefix); row != rows_.end() && absl::StartsWith(row->first, prefix);
       ++row) {
    if (!row->second.raw.empty()) records.emplace(row->first, row->second.raw);
  }
  return records;
}

ExpectedRows::Totals ExpectedRows::totals() const {
  std::lock_guard lock(mutex_);
  Totals totals = totals_;
  for (const auto& [id, row] : rows_) totals.rows += !row.raw.empty();
  return totals;
}

std::vector<std::string> ExpectedRows::violations() const {
  std::lock_guard lock(mutex_);
  return violations_;
}

void ExpectedRows::Violation(const std::string& what) {
  std::lock_guard lock(mutex_);
  Note(what);
}

void ExpectedRows::Note(const std::string& what) {
  if (violations_.size() < kMostNamed) violations_.push_back(what);
}

}  // namespace penstock
