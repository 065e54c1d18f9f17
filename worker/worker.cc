// SPDX-License-Identifier: Apache-2.0
#include "worker/worker.h"

#include <chrono>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "base/status_macros.h"
#include "proto/convert.h"
#include "worker/fetch_runner.h"
#include "worker/load_runner.h"
#include "worker/query_loop.h"

namespace penstock::worker {
namespace {

std::vector<std::string> DestinationNames(const Config& config) {
  std::vector<std::string> names;
  for (const auto& [name, destination] : config.destinations) names.push_back(name);
  return names;
}

}  // namespace

Worker::Worker(const Config& config, WorkerOptions options, std::shared_ptr<CoordinatorClient> coordinator,
               std::shared_ptr<const Sources> sources, const Clock& clock, Random& random)
    : config_(config),
      coordinator_(std::move(coordinator)),
      sources_(std::move(sources)),
      clock_(clock),
      random_(random),
      book_(NewId(random), options, DestinationNames(config)),
      query_slot_(options.queries && !config.destinations.empty()
                      ? std::make_shared<TaskSlot>(v1::LeaseToken(), [] {})
                      : nullptr) {}

Worker::~Worker() {
  StopTasks();
  StopQueries();
}

absl::Status Worker::Run() {
  if (query_slot_ != nullptr) {
    query_thread_ = std::thread(
        [this, id = book_.id()] { RunQueries(id, config_, *coordinator_, clock_, random_, *query_slot_); });
  }
  while (true) {
    JoinEnded();
    {
      std::lock_guard lock(mutex_);
      sync_soon_ = false;
    }
    const v1::SyncRequest request = Request();
    const absl::StatusOr<v1::SyncResponse> response = coordinator_->Sync(request);
    TaskBook::Plan plan;
    {
      std::lock_guard lock(mutex_);
      plan = book_.OnAnswer(request, response, random_.Fraction());
    }
    if (plan.ended) {
      StopTasks();
      StopQueries();
      return plan.result;
    }
    StartAll(plan);
    std::unique_lock lock(mutex_);
    news_.wait_for(lock, absl::ToChronoMilliseconds(plan.next_sync),
                   [&] { return sync_soon_ || book_.draining() != request.draining(); });
  }
}

v1::SyncRequest Worker::Request() {
  std::map<std::string, std::string> credentials;
  for (const auto& [name, source] : *sources_) credentials[name] = source->CredentialsGeneration();
  std::lock_guard lock(mutex_);
  return book_.Request(credentials);
}

void Worker::StartAll(const TaskBook::Plan& plan) {
  for (const v1::FetchAssignment& assignment : plan.fetch) {
    SourceClient& source = *sources_->at(assignment.source());
    Start(assignment.token(), [this, assignment, &source](TaskSlot& slot) {
      RunFetchTask(assignment, *coordinator_, source, clock_, random_, slot);
    });
  }
  for (const v1::LoadAssignment& assignment : plan.load) {
    const DestinationConfig& destination = config_.destinations.at(assignment.destination());
    Start(assignment.token(), [this, assignment, store_id = book_.store_id(), &destination](TaskSlot& slot) {
      RunLoadTask(assignment, store_id, destination, *coordinator_, slot);
    });
  }
}

void Worker::Start(const v1::LeaseToken& token, std::function<void(TaskSlot&)> run) {
  std::lock_guard lock(mutex_);
  Task& task = tasks_.emplace_back();
  const std::shared_ptr<TaskSlot> slot = book_.Start(token, [this] {
    std::lock_guard lock(mutex_);
    sync_soon_ = true;
    news_.notify_all();
  });
  task.thread = std::thread([this, &task, slot, run = std::move(run)] {
    run(*slot);
    std::lock_guard lock(mutex_);
    book_.End(slot.get());
    task.ended = true;
    sync_soon_ = true;
    news_.notify_all();
  });
}

void Worker::JoinEnded() {
  std::list<Task> ended;
  {
    std::lock_guard lock(mutex_);
    for (auto it = tasks_.begin(); it != tasks_.end();) {
      auto next = std::next(it);
      if (it->ended) ended.splice(ended.end(), tasks_, it);
      it = next;
    }
  }
  for (Task& task : ended) task.thread.join();
}

void Worker::Drain() {
  if (query_slot_ != nullptr) query_slot_->Drain();
  std::lock_guard lock(mutex_);
  book_.Drain();
  news_.notify_all();
}

void Worker::Abort() {
  for (const auto& [name, source] : *sources_) source->Abort();
}

void Worker::StopQueries() {
  if (!query_thread_.joinable()) return;
  query_slot_->Lose();
  query_thread_.join();
}

void Worker::StopTasks() {
  {
    std::lock_guard lock(mutex_);
    book_.LoseAll();
  }
  // Not spliced out: a running task still writes to its own entry.
  while (true) {
    std::thread thread;
    {
      std::lock_guard lock(mutex_);
      if (tasks_.empty()) return;
      thread = std::move(tasks_.front().thread);
    }
    thread.join();
    std::lock_guard lock(mutex_);
    tasks_.pop_front();
  }
}

}  // namespace penstock::worker
