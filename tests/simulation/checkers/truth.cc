// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/checkers/truth.h"

#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "proto/convert.h"
#include "tests/simulation/world.h"

namespace penstock::simulation {

using storage::JobRecord;
using storage::WindowRecord;

void TruthChecker::CheckRow(Endpoint endpoint, const Tenant::Row& row, size_t version,
                            const std::string& when) {
  const absl::StatusOr<storage::RowRecord> stored = disk_.store().GetRow(1, endpoint, row.id);
  if (!stored.ok()) {
    Violated("I23", absl::StrCat(when, ": row ", row.id, " of ", Name(endpoint), " is not stored"));
    return;
  }
  for (size_t i = version; i < row.versions.size(); ++i) {
    if (row.versions[i].raw == stored->raw()) return;
  }
  Violated("I23",
           absl::StrCat(when, ": row ", row.id, " of ", Name(endpoint), " is stored in an old version"));
}

void TruthChecker::CheckJob(const Job& job) {
  // A chain that ended too early without a trace is seen by a count only, and not every chain has one.
  if (source_.links_left_out() != job.links_left_out) return;
  const Tenant& tenant = source_.tenant();
  for (const int number : job.record.endpoints()) {
    const Endpoint endpoint = static_cast<Endpoint>(number);
    const auto closing = job.closing.find(number);
    const absl::Duration since = closing == job.closing.end() ? job.since : closing->second;
    for (const auto& [id, row] : tenant.rows(endpoint)) {
      if (!row.visible() || row.visible_since > since) continue;
      if (HasCreatedTime(endpoint)) {
        if (job.record.has_from() && row.created < FromProto(job.record.from())) continue;
        if (job.record.has_to() && row.created >= FromProto(job.record.to())) continue;
      }
      CheckRow(endpoint, row, row.VersionAt(since), absl::StrCat("job ", job.record.number(), " is done"));
    }
  }
}

void TruthChecker::OnPageServed(uint64_t permit, const std::vector<std::string>& records) {
  served_[permit].insert(records.begin(), records.end());
}

void TruthChecker::CheckPage(const store::PageWrite& page) {
  const Tenant& tenant = source_.tenant();
  for (const v1::Row& row : page.rows) {
    if (!tenant.WasServed(page.endpoint, row.raw())) {
      Violated("I27", absl::StrCat("row ", row.id(), " has bytes that were never served"));
    }
    const Tenant::Row* known = tenant.Find(page.endpoint, row.id());
    if (known == nullptr) Violated("I24", absl::StrCat("row ", row.id(), " does not exist at the source"));
  }
  for (const v1::QuarantinedRecord& record : page.quarantined) {
    if (!tenant.WasServed(page.endpoint, record.raw())) {
      Violated("I27", "a quarantined record has bytes that were never served");
    }
  }
  std::multiset<std::string> kept;
  for (const v1::Row& row : page.rows) kept.insert(row.raw());
  for (const v1::QuarantinedRecord& record : page.quarantined) kept.insert(record.raw());
  if (kept != served_[page.permit]) {
    Violated("I26", absl::StrCat("the answer to permit ", page.permit, " had ", served_[page.permit].size(),
                                 " records, its page keeps others: ", kept.size()));
  }
  served_.erase(page.permit);
}

void TruthChecker::OnStoreCommit(const StoreCommit& commit) {
  if (commit.page != nullptr) CheckPage(*commit.page);
  std::vector<uint64_t> ended;
  for (const store::Record& record : commit.committed->records) {
    if (const auto* window = std::get_if<WindowRecord>(&record)) {
      std::set<uint64_t>& open = jobs_[window->job()].open;
      if (window->purpose() == WindowRecord::CLOSING) {
        jobs_[window->job()].closing.try_emplace(window->endpoint(), world_.queue.now());
      }
      window->state() == WindowRecord::DONE ? (void)open.erase(window->number())
                                            : (void)open.insert(window->number());
    }
    if (const auto* job = std::get_if<JobRecord>(&record)) {
      Job& known = jobs_[job->number()];
      if (known.record.number() == 0) {
        known.since = world_.queue.now();
        known.links_left_out = source_.links_left_out();
      }
      if (job->state() == JobRecord::DONE && known.record.state() != JobRecord::DONE) {
        ended.push_back(job->number());
      }
      known.record = *job;
    }
  }
  for (const uint64_t number : ended) {
    if (jobs_[number].open.empty()) CheckJob(jobs_[number]);
  }
}

void TruthChecker::AtEnd(coordinator::Core& core) {
  const Tenant& tenant = source_.tenant();
  for (Endpoint endpoint : kAllEndpoints) {
    for (const auto& [id, row] : tenant.rows(endpoint)) {
      if (row.visible()) CheckRow(endpoint, row, row.versions.size() - 1, "at the end");
    }
  }
}

}  // namespace penstock::simulation
