// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/instant.h"
#include "proto/convert.h"
#include "store/store.h"

namespace penstock {

// A store that knows of each row only that it has it: an id is a decimal place below the endpoint's size. Its
// counters are true, its rows have no bytes. For millions of rows in a second.
class CountingStore final : public store::Store {
 public:
  const std::string& store_id() const override { return id_; }
  uint64_t epoch() const override { return 1; }
  uint64_t last_commit() const override { return commit_; }

  absl::StatusOr<store::Committed> Commit(store::Batch batch) override {
    store::Committed committed;
    committed.number = ++commit_;
    if (batch.page) Take(*batch.page, committed.counts);
    committed.records = std::move(batch.records);
    if (batch.finish) {
      for (store::Record& record : batch.finish(committed.counts))
        committed.records.push_back(std::move(record));
    }
    return committed;
  }
  absl::Status Scour(uint32_t, std::atomic<bool>&) override { return absl::OkStatus(); }
  absl::StatusOr<store::StoreCheck> Check(const std::atomic<bool>&) const override {
    return store::StoreCheck();
  }
  absl::StatusOr<store::Backup> BackUp(const store::BackupOrder&, std::atomic<bool>&) override {
    return absl::UnimplementedError("only counts");
  }
  absl::Status ForEachRecord(const std::function<void(store::Record)>&) const override {
    return absl::OkStatus();
  }
  absl::StatusOr<storage::RowRecord> GetRow(uint32_t, Endpoint, absl::string_view) const override {
    return absl::NotFoundError("rows have no bytes here");
  }
  absl::Status ScanRows(uint32_t, Endpoint, const std::function<bool(v1::Row)>&) const override {
    return absl::OkStatus();
  }
  absl::StatusOr<store::Changes> ReadChanges(uint32_t, uint64_t, uint64_t) const override {
    return store::Changes();
  }
  absl::StatusOr<std::vector<store::DayCount>> DayCounts(uint32_t, Endpoint endpoint) const override {
    std::map<int64_t, uint64_t> days;
    for (const auto& [id, created] : Of(endpoint)) {
      ++days[created.has_value() ? DayNumber(*created) : store::kNoDay];
    }
    std::vector<store::DayCount> counts;
    for (const auto& [day, rows] : days) counts.push_back({day, rows});
    return counts;
  }
  // Every row is as if it had been stamped before any sync.
  absl::StatusOr<std::vector<store::StampCount>> StampCounts(uint32_t, Endpoint, int64_t) const override {
    return std::vector<store::StampCount>();
  }
  absl::StatusOr<uint64_t> CountRows(uint32_t, Endpoint endpoint, std::optional<absl::Time> from,
                                     std::optional<absl::Time> to) const override {
    uint64_t rows = 0;
    for (const auto& [id, created] : Of(endpoint)) rows += store::IsCreatedWithin(created, from, to);
    return rows;
  }
  absl::StatusOr<std::vector<store::Quarantined>> ListQuarantine(uint32_t) const override {
    return std::vector<store::Quarantined>();
  }

  uint64_t Rows(Endpoint endpoint) const { return Of(endpoint).size(); }
  bool Has(Endpoint endpoint, uint64_t id) const { return Of(endpoint).contains(id); }
  // Loses a row, as a bug would.
  void Forget(Endpoint endpoint, uint64_t id) { rows_[endpoint].erase(id); }

 private:
  using Created = absl::flat_hash_map<uint64_t, std::optional<absl::Time>>;

  const Created& Of(Endpoint endpoint) const {
    static const Created* const kNone = new Created;
    auto it = rows_.find(endpoint);
    return it == rows_.end() ? *kNone : it->second;
  }
  void Take(const store::PageWrite& page, v1::PageCounts& counts) {
    counts.set_fetched(page.rows.size());
    for (const v1::Row& row : page.rows) {
      const bool is_new =
          rows_[page.endpoint]
              .emplace(std::stoull(row.id()), OptionalTime(row.has_created_time(), row.created_time()))
              .second;
      if (is_new) counts.set_inserted(counts.inserted() + 1);
    }
    counts.set_identical(counts.fetched() - counts.inserted());
  }

  const std::string id_ = "counting";
  uint64_t commit_ = 0;
  std::map<Endpoint, Created> rows_;
};

}  // namespace penstock
