// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "destinations/destination.h"
#include "tests/simulation/process.h"

namespace penstock::simulation {

// A destination in memory, with the contract of destinations/destination.h.
class WarehouseTables final : public destinations::Destination {
 public:
  std::string Describe() const override { return "memory"; }
  absl::Status EnsureTables() override { return absl::OkStatus(); }
  absl::StatusOr<destinations::LoadCursor> ReadCursor() override { return cursor_; }
  absl::StatusOr<destinations::BatchCounts> Upsert(const std::vector<destinations::TypedRow>& rows,
                                                   const destinations::LoadCursor& from,
                                                   const destinations::LoadCursor& to) override;
  absl::StatusOr<destinations::SetAside> ReadSetAside(size_t) override { return destinations::SetAside(); }
  absl::Status Check() override { return absl::OkStatus(); }

  using Tables = std::map<std::pair<Endpoint, std::string>, destinations::TypedRow>;
  const Tables& tables() const { return tables_; }
  const destinations::LoadCursor& cursor() const { return cursor_; }

 private:
  Tables tables_;
  destinations::LoadCursor cursor_;
};

// The way to it. Fault model: it is down for minutes; it refuses for a while; the answer to a commit is lost,
// applied or not; it takes longer than a lease. What was sent is done whether the loader lives or not.
class Warehouse {
 public:
  // Second-hand: another store was loaded into it before.
  Warehouse(World& world, bool second_hand);

  void Prepare(Process& from, std::function<void(absl::StatusOr<destinations::LoadCursor>)> done);
  void Upsert(Process& from, std::vector<destinations::TypedRow> rows, destinations::LoadCursor cursor,
              destinations::LoadCursor to, std::function<void(absl::Status)> done);

  void SetDown(absl::Duration until) { down_until_ = until; }
  void SetRefusing(absl::Duration until) { refusing_until_ = until; }
  const WarehouseTables& tables() const { return tables_; }

 private:
  absl::Status Trouble() const;
  static void ToLife(Process& from, uint64_t life, EventQueue::Event event) {
    if (life == from.life()) from.After(absl::ZeroDuration(), std::move(event));
  }

  World& world_;
  WarehouseTables tables_;
  absl::Duration down_until_;
  absl::Duration refusing_until_;
};

}  // namespace penstock::simulation
