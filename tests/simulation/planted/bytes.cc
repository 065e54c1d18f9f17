// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/planted/bytes.h"

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "proto/convert.h"
#include "store/memory_store.h"
#include "store/page_plan.h"
#include "store/row_convert.h"
#include "tests/fakes/forwarding_store.h"

namespace penstock::simulation::planted {
namespace {

// An unsynced write lies in memory for so long at most.
constexpr absl::Duration kUnsynced = absl::Seconds(5);

// Every so many commits.
constexpr size_t kNowAndThen = 10;

bool LosesCommits(Bug bug) {
  return bug == Bug::kAcknowledgedBeforeSync || bug == Bug::kTornCommit || bug == Bug::kStaleCopyAccepted;
}

class Bytes final : public ForwardingStore {
 public:
  explicit Bytes(World& world) : ForwardingStore(store::NewMemoryStore("store", 1)), world_(world) {}

  absl::StatusOr<store::Committed> Commit(store::Batch batch) override;
  absl::StatusOr<store::Changes> ReadChanges(uint32_t source, uint64_t after,
                                             uint64_t max_bytes) const override;
  absl::StatusOr<std::vector<store::DayCount>> DayCounts(uint32_t source, Endpoint endpoint) const override;

  // The process that wrote is gone.
  void OnCrash();

 private:
  void SpoilRows(store::PageWrite& page);

  World& world_;
  struct Written {
    absl::Duration at;
    store::Batch batch;
  };
  std::vector<Written> written_;  // to be played back into an empty store
  std::map<std::pair<Endpoint, int64_t>, uint64_t> counted_twice_;
};

absl::StatusOr<store::Committed> Bytes::Commit(store::Batch batch) {
  if (batch.page.has_value()) SpoilRows(*batch.page);
  std::optional<store::PageWrite> page = batch.page;
  absl::StatusOr<store::Committed> committed = ForwardingStore::Commit(std::move(batch));
  if (!committed.ok()) return committed;
  if (LosesCommits(world_.bug)) {
    store::Batch again;
    again.records = committed->records;
    again.page = std::move(page);
    written_.push_back({world_.queue.now(), std::move(again)});
  }
  if (world_.bug == Bug::kCountsWrong && committed->number % kNowAndThen == 0) {
    committed->counts.set_identical(committed->counts.identical() + 1);
  }
  return committed;
}

absl::StatusOr<store::Changes> Bytes::ReadChanges(uint32_t source, uint64_t after, uint64_t max_bytes) const {
  const bool skips = world_.bug == Bug::kChangesSkipped;
  absl::StatusOr<store::Changes> changes =
      ForwardingStore::ReadChanges(source, after, skips ? 1000 : max_bytes);
  if (!changes.ok()) return changes;
  if (skips) changes->through = changes->head;
  if (world_.bug == Bug::kChangeNumberTwice && changes->changes.size() > 1) {
    changes->changes[0].set_number(changes->changes[1].number());
  }
  return changes;
}

absl::StatusOr<std::vector<store::DayCount>> Bytes::DayCounts(uint32_t source, Endpoint endpoint) const {
  absl::StatusOr<std::vector<store::DayCount>> counts = ForwardingStore::DayCounts(source, endpoint);
  if (!counts.ok()) return counts;
  for (store::DayCount& count : *counts) {
    const auto twice = counted_twice_.find({endpoint, count.day});
    if (twice != counted_twice_.end()) count.rows += twice->second;
  }
  return counts;
}

void Bytes::OnCrash() {
  if (written_.empty()) return;
  if (world_.bug == Bug::kAcknowledgedBeforeSync) {
    while (!written_.empty() && written_.back().at > world_.queue.now() - kUnsynced) written_.pop_back();
  } else if (world_.bug == Bug::kTornCommit) {
    if (!written_.back().batch.page.has_value()) return;
    written_.back().batch.records.clear();
  } else {
    written_.resize(written_.size() / 2 + 1);
  }
  store_ = store::NewMemoryStore(store_id(), epoch());
  for (const Written& written : written_) CHECK(store_->Commit(written.batch).ok());
}

void Bytes::SpoilRows(store::PageWrite& page) {
  for (v1::Row& row : page.rows) {
    absl::StatusOr<storage::RowRecord> known = GetRow(page.source, page.endpoint, row.id());
    if (!known.ok()) continue;
    if (world_.bug == Bug::kFirstVersionStays) row = store::ToRow(row.id(), *known);
    // The upsert rule lets the later stamp win: with this it is whoever comes last.
    if (world_.bug == Bug::kOlderReplacesNewer) {
      *row.mutable_last_updated_time() = ToProto(FromProto(known->last_updated_time()) + absl::Seconds(1));
    }
    if (world_.bug == Bug::kDayCountedTwice && known->raw() != row.raw()) {
      ++counted_twice_[{page.endpoint, store::CountedDay(FromProto(known->created_time()))}];
    }
  }
}

class SpoiledDurable final : public Durable {
 public:
  explicit SpoiledDurable(World& world) : bytes_(std::make_shared<Bytes>(world)) {}

  absl::StatusOr<std::shared_ptr<store::Store>> Open() override {
    ++epoch_;
    return bytes_;
  }
  uint64_t epoch() const override { return epoch_; }
  void Crash() override { bytes_->OnCrash(); }

 private:
  const std::shared_ptr<Bytes> bytes_;
  uint64_t epoch_ = 0;
};

}  // namespace

std::unique_ptr<Durable> NewSpoiledDurable(World& world) {
  if (world.bug == Bug::kNone) return NewMemoryDurable();
  return std::make_unique<SpoiledDurable>(world);
}

}  // namespace penstock::simulation::planted
