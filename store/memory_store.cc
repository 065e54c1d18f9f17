// SPDX-License-Identifier: Apache-2.0
#include "store/memory_store.h"

#include <atomic>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "proto/convert.h"
#include "store/batch_plan.h"
#include "store/encoding.h"
#include "store/row_convert.h"

namespace penstock::store {
namespace {

using EndpointKey = std::pair<uint32_t, Endpoint>;

struct Stored {
  Endpoint endpoint;
  std::string id;
  storage::RowRecord row;
  bool erased = false;
};

class MemoryStore final : public Store, private StoredRows {
 public:
  MemoryStore(std::string store_id, uint64_t epoch) : store_id_(std::move(store_id)), epoch_(epoch) {}

  const std::string& store_id() const override { return store_id_; }
  uint64_t epoch() const override { return epoch_; }
  uint64_t last_commit() const override {
    std::shared_lock lock(mutex_);
    return commit_;
  }

  absl::StatusOr<Committed> Commit(Batch batch) override {
    // Planning reads without the lock: only Commit writes, and it has one caller at a time. `finish` may so
    // read too.
    ASSIGN_OR_RETURN(BatchPlan plan, PlanBatch(std::move(batch), sources_, *this));
    std::unique_lock lock(mutex_);
    Committed committed;
    committed.number = ++commit_;
    committed.counts = plan.counts;
    committed.last_change = plan.last_change;
    for (PagePlan& page : plan.pages) ApplyPage(std::move(page));
    for (const Record& record : plan.records) {
      if (!std::holds_alternative<storage::SourceRecord>(record))
        records_.insert_or_assign(KeyOf(record), record);
    }
    for (auto& [id, source] : plan.sources) sources_[id] = source;
    committed.records = std::move(plan.records);
    return committed;
  }

  // There is nothing between it and its memory that could change a byte.
  absl::StatusOr<StoreCheck> Check(const std::atomic<bool>& stop) const override {
    std::shared_lock lock(mutex_);
    if (stop) return absl::CancelledError("the check was stopped");
    StoreCheck check;
    for (const auto& [key, ids] : ids_) check.rows += ids.size();
    for (const auto& [source, changes] : changes_) check.changes += changes.size();
    return check;
  }
  absl::Status Scour(uint32_t, std::atomic<bool>&) override { return absl::OkStatus(); }
  absl::StatusOr<Backup> BackUp(const BackupOrder&, std::atomic<bool>&) override {
    return absl::UnimplementedError("a store in memory ends with its process and has no backups");
  }

  absl::Status ForEachRecord(const std::function<void(Record)>& visit) const override {
    std::shared_lock lock(mutex_);
    for (const auto& [id, source] : sources_) visit(source);
    for (const auto& [key, record] : records_) visit(record);
    return absl::OkStatus();
  }

  absl::StatusOr<storage::RowRecord> GetRow(uint32_t source, Endpoint endpoint,
                                            absl::string_view id) const override {
    std::shared_lock lock(mutex_);
    const Stored* stored = Find(source, endpoint, std::string(id));
    if (stored == nullptr || stored->row.stand_in()) return NoSuchRow(endpoint, id);
    return stored->row;
  }

  absl::Status ScanRows(uint32_t source, Endpoint endpoint,
                        const std::function<bool(v1::Row)>& visit) const override {
    ForEachRow(source, endpoint, [&](const std::string& id, const storage::RowRecord& row) {
      return row.stand_in() || visit(ToRow(id, row));
    });
    return absl::OkStatus();
  }

  absl::StatusOr<Changes> ReadChanges(uint32_t source, uint64_t after, uint64_t max_bytes) const override {
    std::shared_lock lock(mutex_);
    const auto known = sources_.find(source);
    Changes result;
    result.head = known == sources_.end() ? 0 : known->second.last_change();
    RETURN_IF_ERROR(CheckCursor(after, result.head));
    result.through = result.head;
    const auto changes = changes_.find(source);
    if (changes == changes_.end()) return result;
    uint64_t bytes = 0;
    for (auto change = changes->second.upper_bound(after); change != changes->second.end(); ++change) {
      const Stored& stored = change->second;
      const uint64_t of_this = stored.id.size() + stored.row.raw().size();
      if (!result.changes.empty() && bytes + of_this > max_bytes) {
        result.through = result.changes.back().number();
        break;
      }
      bytes += of_this;
      result.changes.push_back(ToChange(change->first, stored.endpoint, stored.id, stored.row));
      result.changes.back().set_erased(stored.erased);
    }
    return result;
  }

  absl::StatusOr<std::vector<DayCount>> DayCounts(uint32_t source, Endpoint endpoint) const override {
    std::shared_lock lock(mutex_);
    std::vector<DayCount> counts;
    const auto days = days_.find({source, endpoint});
    if (days == days_.end()) return counts;
    for (const auto& [day, rows] : days->second) counts.push_back({day, static_cast<uint64_t>(rows)});
    return counts;
  }

  absl::StatusOr<std::vector<StampCount>> StampCounts(uint32_t source, Endpoint endpoint,
                                                      int64_t from_day) const override {
    std::shared_lock lock(mutex_);
    std::vector<StampCount> counts;
    const auto days = stamp_days_.find({source, endpoint});
    if (days == stamp_days_.end()) return counts;
    for (auto day = days->second.lower_bound({from_day, kNoDay}); day != days->second.end(); ++day) {
      counts.push_back({day->first.first, day->first.second, static_cast<uint64_t>(day->second)});
    }
    return counts;
  }

  absl::StatusOr<uint64_t> CountRows(uint32_t source, Endpoint endpoint, std::optional<absl::Time> from,
                                     std::optional<absl::Time> to) const override {
    ASSIGN_OR_RETURN(const std::vector<DayCount> days, DayCounts(source, endpoint));
    if (const auto whole = CountWholeDays(days, from, to)) return *whole;
    uint64_t rows = 0;
    ForEachRow(source, endpoint, [&](const std::string&, const storage::RowRecord& row) {
      rows += IsCreatedWithin(OptionalTime(row.has_created_time(), row.created_time()), from, to);
      return true;
    });
    return rows;
  }

  absl::StatusOr<std::vector<Quarantined>> ListQuarantine(uint32_t source) const override {
    std::shared_lock lock(mutex_);
    std::vector<Quarantined> list;
    for (const auto& [key, record] : quarantine_) {
      if (std::get<0>(key) == source) list.push_back({std::get<2>(key), std::get<1>(key), record});
    }
    return list;
  }

 private:
  // The same keys as on disk, so that two records share one exactly when they do there.
  static std::string KeyOf(const Record& record) {
    const RecordKey key = KeyOfRecord(record);
    return absl::StrCat(Name(key.family), "/", key.key);
  }

  // In order of id, those that stand for erased ones too, until `visit` returns false.
  void ForEachRow(uint32_t source, Endpoint endpoint,
                  const std::function<bool(const std::string&, const storage::RowRecord&)>& visit) const {
    std::shared_lock lock(mutex_);
    const auto ids = ids_.find({source, endpoint});
    if (ids == ids_.end()) return;
    for (const auto& [id, change] : ids->second) {
      if (!visit(id, changes_.at(source).at(change).row)) return;
    }
  }

  const Stored* Find(uint32_t source, Endpoint endpoint, const std::string& id) const {
    const auto ids = ids_.find({source, endpoint});
    if (ids == ids_.end()) return nullptr;
    const auto change = ids->second.find(id);
    return change == ids->second.end() ? nullptr : &changes_.at(source).at(change->second);
  }

  void ApplyPage(PagePlan page) {
    for (uint64_t number : page.retired) changes_[page.source].erase(number);
    for (const std::string& id : page.removed) ids_[{page.source, page.endpoint}].erase(id);
    for (const std::string& name : page.released) quarantine_.erase({page.source, page.endpoint, name});
    for (ErasedPut& put : page.erased) {
      changes_[page.source][put.change] = Stored{page.endpoint, std::move(put.id), {}, /*erased=*/true};
    }
    for (RowPut& put : page.rows) {
      const uint64_t number = put.row.change();
      ids_[{page.source, page.endpoint}][put.id] = number;
      changes_[page.source][number] = Stored{page.endpoint, std::move(put.id), std::move(put.row), false};
    }
    auto& days = days_[{page.source, page.endpoint}];
    for (const auto& [day, delta] : page.day_deltas) {
      if ((days[day] += delta) == 0) days.erase(day);
    }
    auto& stamp_days = stamp_days_[{page.source, page.endpoint}];
    for (const auto& [day, delta] : page.stamp_deltas) {
      if ((stamp_days[day] += delta) == 0) stamp_days.erase(day);
    }
    for (QuarantinePut& put : page.quarantine) {
      quarantine_[{page.source, page.endpoint, std::move(put.name)}] = std::move(put.record);
    }
  }

  // StoredRows.
  absl::StatusOr<std::vector<std::optional<storage::RowPlace>>> Places(
      uint32_t source, Endpoint endpoint, const std::vector<absl::string_view>& ids) override {
    std::vector<std::optional<storage::RowPlace>> places(ids.size());
    for (size_t i = 0; i < ids.size(); ++i) {
      if (const Stored* stored = Find(source, endpoint, std::string(ids[i])))
        places[i] = PlaceOf(stored->row);
    }
    return places;
  }
  absl::StatusOr<std::vector<std::string>> Contents(uint32_t source,
                                                    const std::vector<uint64_t>& changes) override {
    std::vector<std::string> contents;
    for (uint64_t change : changes) contents.push_back(changes_.at(source).at(change).row.raw());
    return contents;
  }
  absl::StatusOr<bool> IsQuarantined(uint32_t source, Endpoint endpoint, const std::string& name) override {
    return quarantine_.count({source, endpoint, name}) > 0;
  }

  const std::string store_id_;
  const uint64_t epoch_;
  mutable std::shared_mutex mutex_;  // guards all below against readers beside Commit
  uint64_t commit_ = 0;
  Sources sources_;
  std::map<std::string, Record> records_;
  std::map<EndpointKey, std::map<std::string, uint64_t>> ids_;
  std::map<uint32_t, std::map<uint64_t, Stored>> changes_;
  std::map<EndpointKey, std::map<int64_t, int64_t>> days_;
  std::map<EndpointKey, std::map<std::pair<int64_t, int64_t>, int64_t>> stamp_days_;
  std::map<std::tuple<uint32_t, Endpoint, std::string>, storage::QuarantineRecord> quarantine_;
};

}  // namespace

std::unique_ptr<Store> NewMemoryStore(std::string store_id, uint64_t epoch) {
  return std::make_unique<MemoryStore>(std::move(store_id), epoch);
}

}  // namespace penstock::store
