// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store/store.h"

namespace penstock {

// A store that does what another one does. Decorators override what they change.
class ForwardingStore : public store::Store {
 public:
  explicit ForwardingStore(std::shared_ptr<store::Store> store) : store_(std::move(store)) {}

  const std::string& store_id() const override { return store_->store_id(); }
  uint64_t epoch() const override { return store_->epoch(); }
  uint64_t last_commit() const override { return store_->last_commit(); }
  absl::StatusOr<store::Committed> Commit(store::Batch batch) override {
    return store_->Commit(std::move(batch));
  }
  absl::Status Scour(uint32_t source, std::atomic<bool>& stop) override {
    return store_->Scour(source, stop);
  }
  absl::StatusOr<store::StoreCheck> Check(const std::atomic<bool>& stop) const override {
    return store_->Check(stop);
  }
  absl::StatusOr<store::Backup> BackUp(const store::BackupOrder& order, std::atomic<bool>& stop) override {
    return store_->BackUp(order, stop);
  }
  absl::Status ForEachRecord(const std::function<void(store::Record)>& visit) const override {
    return store_->ForEachRecord(visit);
  }
  absl::StatusOr<storage::RowRecord> GetRow(uint32_t source, Endpoint endpoint,
                                            absl::string_view id) const override {
    return store_->GetRow(source, endpoint, id);
  }
  absl::Status ScanRows(uint32_t source, Endpoint endpoint,
                        const std::function<bool(v1::Row)>& visit) const override {
    return store_->ScanRows(source, endpoint, visit);
  }
  absl::StatusOr<store::Changes> ReadChanges(uint32_t source, uint64_t after,
                                             uint64_t max_bytes) const override {
    return store_->ReadChanges(source, after, max_bytes);
  }
  absl::StatusOr<std::vector<store::DayCount>> DayCounts(uint32_t source, Endpoint endpoint) const override {
    return store_->DayCounts(source, endpoint);
  }
  absl::StatusOr<std::vector<store::StampCount>> StampCounts(uint32_t source, Endpoint endpoint,
                                                             int64_t from_day) const override {
    return store_->StampCounts(source, endpoint, from_day);
  }
  absl::StatusOr<uint64_t> CountRows(uint32_t source, Endpoint endpoint, std::optional<absl::Time> from,
                                     std::optional<absl::Time> to) const override {
    return store_->CountRows(source, endpoint, from, to);
  }
  absl::StatusOr<std::vector<store::Quarantined>> ListQuarantine(uint32_t source) const override {
    return store_->ListQuarantine(source);
  }

 protected:
  std::shared_ptr<store::Store> store_;
};

}  // namespace penstock
