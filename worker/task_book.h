// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "proto/worker_service.pb.h"
#include "worker/task_slot.h"

namespace penstock::worker {

// A worker serves all sources and destinations that its config names.
struct WorkerOptions {
  std::string version;
  // Windows at once; 0: not its role. Each may cost one page that is fetched again if the worker is killed.
  uint32_t fetch_capacity = 1;
  uint32_t load_capacity = 4;
  bool queries = true;  // one at a time; false: not its role
};

// What a worker's Sync loop decides: what it says it holds, what it starts, what it loses, when it speaks
// again and when it ends. No clock, no network, no thread; not thread-safe.
class TaskBook {
 public:
  TaskBook(std::string worker_id, WorkerOptions options, std::vector<std::string> destinations)
      : id_(std::move(worker_id)), options_(std::move(options)), destinations_(std::move(destinations)) {}

  // `credentials`: the generation of each source's.
  v1::SyncRequest Request(const std::map<std::string, std::string>& credentials) const;

  struct Plan {
    bool ended = false;  // the worker's work is over, with `result`
    absl::Status result;
    absl::Duration next_sync;
    std::vector<v1::FetchAssignment> fetch;  // to be started, each with Start
    std::vector<v1::LoadAssignment> load;
  };
  // `jitter` in [0, 1).
  Plan OnAnswer(const v1::SyncRequest& request, const absl::StatusOr<v1::SyncResponse>& response,
                double jitter);

  // `on_trouble`: see TaskSlot.
  std::shared_ptr<TaskSlot> Start(const v1::LeaseToken& token, std::function<void()> on_trouble);
  void End(const TaskSlot* slot);

  // Take no new work; what runs ends at the next page.
  void Drain();
  // What runs may write nothing more.
  void LoseAll();

  const std::string& id() const { return id_; }
  bool draining() const { return draining_; }
  // The store that the worker works for.
  const std::string& store_id() const { return seen_.store_id(); }

 private:
  const std::string id_;
  const WorkerOptions options_;
  const std::vector<std::string> destinations_;
  v1::StorePosition seen_;  // the latest that a Sync or an ended task was told
  bool draining_ = false;
  std::list<std::shared_ptr<TaskSlot>> running_;
};

}  // namespace penstock::worker
