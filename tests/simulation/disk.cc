// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/disk.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/fakes/forwarding_store.h"

namespace penstock::simulation {

// A life's store: reads go to the disk's, commits through its faults.
class DiskStore final : public ForwardingStore {
 public:
  DiskStore(Disk& disk, uint64_t epoch) : ForwardingStore(disk.store_), disk_(disk), epoch_(epoch) {}

  uint64_t epoch() const override { return epoch_; }
  absl::StatusOr<store::Committed> Commit(store::Batch batch) override {
    return disk_.Commit(std::move(batch));
  }

 private:
  Disk& disk_;
  const uint64_t epoch_;
};

absl::StatusOr<std::unique_ptr<store::Store>> Disk::Open() {
  failed_ = false;
  absl::StatusOr<std::shared_ptr<store::Store>> store = durable_->Open();
  if (!store.ok()) {
    // Nothing but a power failure may keep it from opening.
    if (!durable_->power_failed()) {
      world_.Violate("I18", absl::StrCat("the store does not open: ", store.status().message()));
    }
    return store.status();
  }
  store_ = *std::move(store);
  JudgePending();
  return std::make_unique<DiskStore>(*this, durable_->epoch());
}

void Disk::JudgePending() {
  if (!pending_.has_value()) return;
  Pending pending = *std::exchange(pending_, std::nullopt);
  if (store_->last_commit() < pending.committed.number) return;
  world_.Note("the last commit is there");
  const StoreCommit seen = {pending.page.has_value() ? &*pending.page : nullptr, &pending.committed,
                            process_.Now(), process_.clock().BootId()};
  world_.Tell([&](Checker& checker) { checker.OnStoreCommit(seen); });
}

void Disk::OnCrash() {
  store_.reset();
  durable_->Crash();
  died_ = false;
  sync_time_ = absl::ZeroDuration();
}

bool Disk::TakeDeath() { return std::exchange(died_, false); }

absl::Duration Disk::TakeSyncTime() { return std::exchange(sync_time_, absl::ZeroDuration()); }

absl::StatusOr<store::Committed> Disk::Commit(store::Batch batch) {
  if (failed_) return absl::DataLossError("the disk failed before");
  // A process that died in this event can write nothing more in it.
  if (died_) return absl::UnavailableError("killed");
  if (full()) return absl::ResourceExhaustedError("the disk is full");
  if (world_.Strikes(Fault::kDiskFails)) {
    failed_ = true;
    return absl::DataLossError("input/output error");
  }
  if (world_.Strikes(Fault::kKilledBeforeWrite)) {
    died_ = true;
    return absl::UnavailableError("killed");
  }
  Pending pending;
  pending.page = batch.page;
  pending.committed.number = store_->last_commit() + 1;
  pending.committed.records = batch.records;
  if (batch.finish) {
    batch.finish = [&pending, finish = std::move(batch.finish)](const v1::PageCounts& counts) {
      std::vector<store::Record> records = finish(counts);
      pending.committed.counts = counts;
      pending.committed.records.insert(pending.committed.records.end(), records.begin(), records.end());
      return records;
    };
  }
  if (durable_->loses_power() && world_.Strikes(Fault::kPowerLost))
    durable_->FailPowerAfter(static_cast<int>(world_.dice.Next() % 5));
  const std::optional<store::PageWrite> page = pending.page;
  absl::StatusOr<store::Committed> committed = store_->Commit(std::move(batch));
  if (durable_->power_failed()) {
    died_ = true;
    // Acknowledged or not, nobody will hear of it.
    pending_ = std::move(pending);
    return absl::UnavailableError("the power failed");
  }
  if (!committed.ok()) return committed;
  ++world_.commits;
  const StoreCommit seen = {page.has_value() ? &*page : nullptr, &*committed, process_.Now(),
                            process_.clock().BootId()};
  world_.Tell([&](Checker& checker) { checker.OnStoreCommit(seen); });
  if (world_.Strikes(Fault::kKilledAfterWrite)) died_ = true;
  if (world_.Strikes(Fault::kSlowSync))
    sync_time_ += world_.Uniform(absl::Milliseconds(100), absl::Seconds(3));
  return committed;
}

}  // namespace penstock::simulation
