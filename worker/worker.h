// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/config.h"
#include "base/random.h"
#include "worker/coordinator_client.h"
#include "worker/source_client.h"
#include "worker/task_book.h"
#include "worker/task_slot.h"

namespace penstock::worker {

// A worker: the shell around a TaskBook, with a thread per task. Holds nothing that must survive it.
class Worker {
 public:
  Worker(const Config& config, WorkerOptions options, std::shared_ptr<CoordinatorClient> coordinator,
         std::shared_ptr<const Sources> sources, const Clock& clock, Random& random);
  ~Worker();

  // Repeats Sync until Drain has been called and every task has ended, or until the coordinator refuses this
  // worker for good: INVALID_ARGUMENT (another protocol), FAILED_PRECONDITION (another store, a stale copy).
  absl::Status Run();

  // Take no new work, end what runs at the next page, give the rest back. From any thread; not from a signal
  // handler.
  void Drain();
  // Ends the requests under way too, of all workers that share the sources, for a Drain that may not take the
  // time of a page. Their permits are spent.
  void Abort();

 private:
  struct Task {
    std::thread thread;
    bool ended = false;
  };
  v1::SyncRequest Request();
  void StartAll(const TaskBook::Plan& plan);
  void Start(const v1::LeaseToken& token, std::function<void(TaskSlot&)> run);
  void JoinEnded();
  void StopTasks();
  void StopQueries();

  const Config config_;
  const std::shared_ptr<CoordinatorClient> coordinator_;
  const std::shared_ptr<const Sources> sources_;
  const Clock& clock_;
  Random& random_;

  std::mutex mutex_;
  std::condition_variable news_;  // a task ended or has a trouble, or Drain
  TaskBook book_;
  bool sync_soon_ = false;  // there is something to tell
  std::list<Task> tasks_;
  const std::shared_ptr<TaskSlot> query_slot_;  // null: queries are not its role
  std::thread query_thread_;
};

}  // namespace penstock::worker
