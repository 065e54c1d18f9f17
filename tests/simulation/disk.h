// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "store/store.h"
#include "tests/simulation/durable.h"
#include "tests/simulation/process.h"

namespace penstock::simulation {

// What the coordinator's disk holds over all its lives, and how the store on it fails.
//
// Fault model: the process dies just before a write (nothing is there) or just after it (all is there, nobody
// was told); the disk is full for a while (RESOURCE_EXHAUSTED, nothing written); it fails for good
// (DATA_LOSS: the process has to end, the next one finds a repaired disk); a sync takes up to 3 s, in which
// the whole process waits. Some runs have a real RocksDB (durable.h): there the machine also dies between any
// two writes or syncs of a commit, and what was not synced is dropped or torn.
class Disk {
 public:
  Disk(World& world, Process& process, std::unique_ptr<Durable> durable)
      : world_(world), process_(process), durable_(std::move(durable)) {}

  // A life's view on it: a new epoch. Fails when the machine dies while it opens.
  absl::StatusOr<std::unique_ptr<store::Store>> Open();
  // The process is gone: what was not synced too.
  void OnCrash();

  void SetFull(absl::Duration until) { full_until_ = until; }
  bool full() const { return full_until_ > world_.queue.now(); }
  // Since the last call: did the process die in a write? How long did its syncs take?
  bool TakeDeath();
  absl::Duration TakeSyncTime();
  // The rows as they are on disk.
  const store::Store& store() const { return *store_; }

 private:
  friend class DiskStore;
  absl::StatusOr<store::Committed> Commit(store::Batch batch);
  // A commit whose writes the machine did not survive: it is there as a whole or not at all, and the next
  // start shows which.
  void JudgePending();

  World& world_;
  Process& process_;
  const std::unique_ptr<Durable> durable_;
  std::shared_ptr<store::Store> store_;  // of this life; in memory, of all lives
  struct Pending {
    std::optional<store::PageWrite> page;
    store::Committed committed;
  };
  std::optional<Pending> pending_;
  absl::Duration full_until_;
  bool failed_ = false;
  bool died_ = false;
  absl::Duration sync_time_;
};

}  // namespace penstock::simulation
