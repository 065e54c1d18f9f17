// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/simulation/cluster.h"

namespace penstock::simulation {

// What goes wrong, and what people and the tenant do, at no particular event: once per tick each of these
// faults gets its chance. Partitions and stopped processes last up to three leases, an absent source up to 20
// minutes, a full disk up to 2.
class Mischief {
 public:
  explicit Mischief(Cluster& cluster) : cluster_(cluster), world_(cluster.world()) {}
  void Begin();

 private:
  void Tick();
  void Processes();
  void Clocks();
  void Surroundings();
  void Rows();
  void People();

  Cluster& cluster_;
  World& world_;
  absl::Duration last_backfill_;
};

}  // namespace penstock::simulation
