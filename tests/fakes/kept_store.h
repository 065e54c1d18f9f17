// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "store/store.h"

namespace penstock {

// A store that outlives the coordinator on it: a test can "restart" by opening a second one on the same
// memory. Each opening is a new epoch. It can be made to refuse commits, as a full disk does.
class KeptStore final : public store::Store {
 public:
  KeptStore(std::shared_ptr<store::Store> store, uint64_t epoch) : store_(std::move(store)), epoch_(epoch) {}

  static inline absl::Status refuse_commits = absl::OkStatus();
  // Called within each commit, as a disk that takes its time.
  static inline std::function<void()> during_commit;

  const std::string& store_id() const override { return store_->store_id(); }
  uint64_t epoch() const override { return epoch_; }
  uint64_t last_commit() const override { return store_->last_commit(); }
  absl::StatusOr<store::Committed> Commit(store::Batch batch) override {
    if (!refuse_commits.ok()) return refuse_commits;
    if (during_commit) during_commit();
    return store_->Commit(std::move(batch));
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
  absl::StatusOr<std::vector<store::Quarantined>> ListQuarantine(uint32_t source) const override {
    return store_->ListQuarantine(source);
  }

 private:
  const std::shared_ptr<store::Store> store_;
  const uint64_t epoch_;
};

}  // namespace penstock
