// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/simulation/coordinator.h"
#include "tests/simulation/source.h"
#include "tests/simulation/warehouse.h"
#include "tests/simulation/wire.h"
#include "tests/simulation/worker_node.h"
#include "tests/simulation/world.h"

namespace penstock::simulation {

// What a run looks like before anything goes wrong.
struct Scenario {
  uint32_t per_minute = 60;
  uint32_t page_size = 10;
  uint32_t rows = 40;  // per endpoint at the start, at most
  uint32_t workers = 2;
  uint32_t capacity = 6;  // windows at once, per worker
  bool drift = false;
  bool rocks = false;  // RocksDB on a disk that loses power, instead of the memory store
  WireSpeed speed;
  absl::Duration call_way = absl::Milliseconds(2);  // median, between the processes
  absl::Duration length;                            // of the first phase
  absl::Duration tick = absl::Seconds(5);           // of the mischief
  absl::Duration backfill_every = absl::InfiniteDuration();
  bool second_hand_destination = false;  // it was loaded from another store before

  static Scenario Draw(World& world);
};

// One coordinator, its workers, the source and the destination, wired on virtual time, with every checker
// watching.
class Cluster {
 public:
  Cluster(World& world, const Scenario& scenario);
  ~Cluster();

  // Runs events until then, or until a violation.
  void RunUntil(absl::Duration until);
  // Phase two: no fault any more, what is held back is released, what people can mend is mended; then one last
  // backfill of everything. Everything must be done in time (I36); then the checks of the end.
  void Finish();

  // By hand. Nothing happens while the coordinator is down.
  void CreateBackfill(bool bounded);

  World& world() { return world_; }
  Source& source() { return source_; }
  Wire& wire() { return wire_; }
  Warehouse& warehouse() { return warehouse_; }
  Coordinator& coordinator() { return coordinator_; }
  SimClock& coordinator_clock() { return coordinator_clock_; }
  std::vector<std::unique_ptr<WorkerNode>>& workers() { return workers_; }
  const Scenario& scenario() const { return scenario_; }

  // Of phase two: requests that the schedule allowed, and those that came.
  double allowed() const { return allowed_; }
  double came() const { return came_; }

 private:
  bool Mend();
  bool AllDone();
  absl::Duration Bound();
  void Sample();

  World& world_;
  const Scenario scenario_;
  SimClock source_clock_;
  SimClock coordinator_clock_;
  std::vector<std::unique_ptr<SimClock>> worker_clocks_;
  Source source_;
  Wire wire_;
  Warehouse warehouse_;
  Coordinator coordinator_;
  std::vector<std::unique_ptr<WorkerNode>> workers_;
  double allowed_ = 0;
  double came_ = 0;
  uint64_t requests_before_ = 0;
};

}  // namespace penstock::simulation
