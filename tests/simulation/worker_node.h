// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/simulation/network.h"
#include "tests/simulation/planted/transport.h"
#include "tests/simulation/process.h"
#include "tests/simulation/warehouse.h"
#include "tests/simulation/wire.h"
#include "worker/fetch_session.h"
#include "worker/load_session.h"
#include "worker/task_book.h"

namespace penstock::simulation {

// The real worker: a TaskBook and its sessions, whose steps are performed on virtual time. It can die at any
// of them; the next life is a worker with another id.
class WorkerNode {
 public:
  WorkerNode(World& world, SimClock& clock, Coordinator& coordinator, Wire& wire, Warehouse& warehouse,
             worker::WorkerOptions options, absl::Duration way, bool constant, uint64_t seed);

  void Start();
  void Kill(absl::Duration down);
  void Drain();
  void RenewKey() { ++key_; }

  Process& process() { return process_; }
  Network& network() { return network_; }
  // It refused to go on: a stale copy, another store.
  const absl::Status& refused() const { return refused_; }

 private:
  struct Fetch {
    Fetch(const v1::FetchAssignment& assignment, std::shared_ptr<worker::TaskSlot> slot, Random& random);
    const v1::FetchAssignment assignment;
    const std::shared_ptr<worker::TaskSlot> slot;
    worker::FetchSession session;
    uint64_t permit = 0;
    uint64_t pauses = 0;
    bool pausing = false;
    bool although_draining = false;  // while it pauses
  };
  struct Load {
    Load(const v1::LoadAssignment& assignment, const std::string& store_id,
         std::shared_ptr<worker::TaskSlot> slot);
    const std::shared_ptr<worker::TaskSlot> slot;
    worker::LoadSession session;
  };
  struct FetchPerformer;
  struct LoadPerformer;

  void Sync();
  void OnSyncAnswer(const v1::SyncRequest& request, const absl::StatusOr<v1::SyncResponse>& response);
  void SyncSoon();
  void StartAll(const worker::TaskBook::Plan& plan);
  // A task that waits is woken when its slot was told to stop.
  void WakePausing();
  void Perform(uint64_t task, worker::FetchStep step);
  void PerformLoad(uint64_t task, worker::LoadStep step);
  void EndTask(uint64_t task);
  bool DiesOf(Fault fault);

  World& world_;
  Process process_;
  Coordinator& coordinator_;
  planted::Transport transport_;
  Warehouse& warehouse_;
  const worker::WorkerOptions options_;
  Network network_;
  SeededRandom random_;
  std::unique_ptr<worker::TaskBook> book_;
  std::map<uint64_t, std::unique_ptr<Fetch>> fetches_;
  std::map<uint64_t, std::unique_ptr<Load>> loads_;
  uint64_t next_task_ = 1;
  uint64_t sync_number_ = 0;  // of the last wait for the next Sync
  bool syncing_ = false;
  bool sync_soon_ = false;
  uint64_t key_ = 1;
  absl::Status refused_;
};

}  // namespace penstock::simulation
