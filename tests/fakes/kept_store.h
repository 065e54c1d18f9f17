// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "tests/fakes/forwarding_store.h"

namespace penstock {

// A store that outlives the coordinator on it: a test can "restart" by opening a second one on the same
// memory. Each opening is a new epoch. It can be made to refuse commits, as a full disk does.
class KeptStore final : public ForwardingStore {
 public:
  KeptStore(std::shared_ptr<store::Store> store, uint64_t epoch)
      : ForwardingStore(std::move(store)), epoch_(epoch) {}

  static inline absl::Status refuse_commits = absl::OkStatus();
  // Called within each commit, as a disk that takes its time.
  static inline std::function<void()> during_commit;
  // Called once after changes were read, before whoever asked sees them.
  static inline std::function<void()> after_read;

  uint64_t epoch() const override { return epoch_; }
  absl::StatusOr<store::Committed> Commit(store::Batch batch) override {
    if (!refuse_commits.ok()) return refuse_commits;
    if (during_commit) during_commit();
    return ForwardingStore::Commit(std::move(batch));
  }
  absl::StatusOr<store::Changes> ReadChanges(uint32_t source, uint64_t after,
                                             uint64_t max_bytes) const override {
    absl::StatusOr<store::Changes> changes = ForwardingStore::ReadChanges(source, after, max_bytes);
    if (const auto then = std::exchange(after_read, nullptr)) then();
    return changes;
  }

 private:
  const uint64_t epoch_;
};

}  // namespace penstock
