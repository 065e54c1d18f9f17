// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/random.h"
#include "store/store.h"

namespace penstock::simulation {

// What outlives the coordinator's process: the same store, opened life after life.
class Durable {
 public:
  virtual ~Durable() = default;
  virtual absl::StatusOr<std::shared_ptr<store::Store>> Open() = 0;
  // Of the opening that Open just made.
  virtual uint64_t epoch() const = 0;
  // The process is gone, and its store with it; what it had not synced is dropped or torn.
  virtual void Crash() {}
  // Then the machine can stop after so many more writes and syncs of files.
  virtual bool loses_power() const { return false; }
  virtual void FailPowerAfter(int operations) {}
  virtual bool power_failed() const { return false; }
};

// The memory store: each commit is durable at once.
std::unique_ptr<Durable> NewMemoryDurable();

// RocksDB with its side file on a disk in memory that loses power (tests/store/power_loss_disk.h). `dice` says
// what a crash leaves of unsynced bytes.
std::unique_ptr<Durable> NewRocksDurable(const Clock& clock, Random& dice);

}  // namespace penstock::simulation
