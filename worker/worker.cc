// SPDX-License-Identifier: Apache-2.0
#include "worker/worker.h"

#include <chrono>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "proto/convert.h"
#include "worker/fetch_runner.h"
#include "worker/load_runner.h"

namespace penstock::worker {
namespace {

constexpr uint32_t kProtocol = 1;
constexpr absl::Duration kSyncAgainAfter = absl::Milliseconds(500);

bool RefusesForGood(const absl::Status& status) {
  return absl::IsInvalidArgument(status) || absl::IsFailedPrecondition(status) ||
         absl::IsUnimplemented(status);
}

}  // namespace

Worker::Worker(const Config& config, WorkerOptions options, std::shared_ptr<CoordinatorClient> coordinator,
               std::shared_ptr<const Sources> sources, const Clock& clock, Random& random)
    : config_(config),
      options_(std::move(options)),
      coordinator_(std::move(coordinator)),
      sources_(std::move(sources)),
      clock_(clock),
      random_(random),
      id_(NewId(random)) {}

Worker::~Worker() { StopTasks(); }

absl::Status Worker::Run() {
  while (true) {
    JoinEnded();
    {
      std::lock_guard lock(mutex_);
      sync_soon_ = false;
    }
    const v1::SyncRequest request = Request();
    absl::StatusOr<v1::SyncResponse> response = coordinator_->Sync(request);
    absl::Duration wait = kSyncAgainAfter * (1 + random_.Fraction());
    if (response.ok()) {
      TakeOver(*response);
      wait = FromProto(response->next_sync());
    } else if (RefusesForGood(response.status())) {
      StopTasks();
      return response.status();
    } else if (!request.draining()) {
      Log(LogLevel::kWarning, "the coordinator does not answer; trying again",
          {{"error", std::string(response.status().message())}});
    }
    if (request.draining() && request.held_size() == 0) return absl::OkStatus();
    std::unique_lock lock(mutex_);
    news_.wait_for(lock, absl::ToChronoMilliseconds(wait),
                   [&] { return sync_soon_ || draining_ != request.draining(); });
  }
}

v1::SyncRequest Worker::Request() {
  v1::SyncRequest request;
  request.set_worker_id(id_);
  request.set_version(options_.version);
  request.set_protocol(kProtocol);
  *request.mutable_seen() = seen_;
  for (const auto& [name, source] : *sources_) {
    v1::SourceCredentials& credentials = *request.add_sources();
    credentials.set_source(name);
    credentials.set_generation(absl::StrCat(id_, "/", source->CredentialsGeneration()));
  }
  for (const auto& [name, destination] : config_.destinations) request.add_destinations(name);
  std::lock_guard lock(mutex_);
  request.set_draining(draining_);
  request.set_fetch_capacity(draining_ ? 0 : options_.fetch_capacity);
  request.set_load_capacity(draining_ ? 0 : options_.load_capacity);
  for (const Task& task : tasks_) {
    if (task.ended) continue;
    *request.add_held() = task.slot->Held();
  }
  return request;
}

void Worker::TakeOver(const v1::SyncResponse& response) {
  seen_ = response.store();
  {
    std::lock_guard lock(mutex_);
    for (const v1::LeaseToken& lost : response.lost()) {
      for (Task& task : tasks_) {
        if (task.slot->token().epoch() == lost.epoch() && task.slot->token().counter() == lost.counter()) {
          task.slot->Lose();
        }
      }
    }
  }
  for (const v1::FetchAssignment& assignment : response.fetch()) {
    SourceClient& source = *sources_->at(assignment.source());
    Start(assignment.token(), [this, assignment, &source](TaskSlot& slot) {
      RunFetchTask(assignment, *coordinator_, source, clock_, random_, slot);
    });
  }
  for (const v1::LoadAssignment& assignment : response.load()) {
    const DestinationConfig& destination = config_.destinations.at(assignment.destination());
    const std::string store_id = response.store().store_id();
    Start(assignment.token(), [this, assignment, store_id, &destination](TaskSlot& slot) {
      RunLoadTask(assignment, store_id, destination, *coordinator_, slot);
    });
  }
}

void Worker::Start(const v1::LeaseToken& token, std::function<void(TaskSlot&)> run) {
  std::lock_guard lock(mutex_);
  Task& task = tasks_.emplace_back();
  task.slot = std::make_shared<TaskSlot>(token, [this] {
    std::lock_guard lock(mutex_);
    sync_soon_ = true;
    news_.notify_all();
  });
  if (draining_) task.slot->Drain();
  task.thread = std::thread([this, &task, run = std::move(run)] {
    run(*task.slot);
    std::lock_guard lock(mutex_);
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
  std::lock_guard lock(mutex_);
  draining_ = true;
  for (Task& task : tasks_) task.slot->Drain();
  news_.notify_all();
}

void Worker::Abort() {
  for (const auto& [name, source] : *sources_) source->Abort();
}

void Worker::StopTasks() {
  {
    std::lock_guard lock(mutex_);
    for (Task& task : tasks_) task.slot->Lose();
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
