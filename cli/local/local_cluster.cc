// SPDX-License-Identifier: Apache-2.0
#include "cli/local/local_cluster.h"

#include <chrono>
#include <utility>

#include "base/clock.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "cli/exit_code.h"
#include "worker/check_config.h"
#include "worker/curl_transport.h"
#include "worker/grpc_coordinator_client.h"

namespace penstock::cli {
namespace {

constexpr auto kDrainPatience = std::chrono::seconds(2);

}  // namespace

absl::StatusOr<std::unique_ptr<LocalCluster>> LocalCluster::Start(const Config& config,
                                                                  const Options& options) {
  RETURN_IF_ERROR(worker::CheckConfig(config));
  std::unique_ptr<LocalCluster> cluster(new LocalCluster);
  coordinator::ServerOptions server;
  server.state = options.state;
  server.workers_died_with_us = true;
  server.scheduled_backups = options.fetch;
  server.version = options.version;
  server.monitoring = options.monitoring;
  absl::StatusOr<std::unique_ptr<coordinator::Server>> started =
      coordinator::Server::Start(config, server, SystemClock(), SystemRandom());
  if (absl::IsInvalidArgument(started.status())) return started.status();
  if (!started.ok()) return WithExitCode(started.status(), ExitCode::kLocalTrouble);
  cluster->server_ = *std::move(started);

  cluster->config_ = config;
  cluster->worker_options_.version = options.version;
  cluster->worker_options_.fetch_capacity = options.fetch ? 1 : 0;
  const auto new_transport = [](const HttpConfig& http) {
    return worker::NewCurlTransport(http, {}, SystemClock());
  };
  ASSIGN_OR_RETURN(cluster->sources_, worker::OpenSources(config, new_transport, SystemClock()));
  for (uint32_t i = 0; i < options.workers; ++i) cluster->AddWorker();
  cluster->admin_ = v1::AdminService::NewStub(cluster->server_->InProcessChannel());
  return cluster;
}

void LocalCluster::AddWorker() {
  // One for all questions is enough: whoever asks sits at this machine.
  worker_options_.queries = workers_.empty();
  workers_.push_back(std::make_unique<worker::Worker>(config_, worker_options_,
                                                      worker::NewInProcessClient(server_->InProcessChannel()),
                                                      sources_, SystemClock(), SystemRandom()));
}

void LocalCluster::Start(worker::Worker& worker) {
  {
    std::lock_guard lock(mutex_);
    ++running_;
  }
  threads_.emplace_back([this, &worker] {
    const absl::Status status = worker.Run();
    std::lock_guard lock(mutex_);
    worker_status_.Update(status);
    --running_;
    ended_.notify_all();
  });
}

void LocalCluster::Work() {
  for (const auto& worker : workers_) Start(*worker);
}

void LocalCluster::Grow(uint32_t workers) {
  while (workers_.size() < workers) {
    AddWorker();
    Start(*workers_.back());
  }
}

LocalCluster::~LocalCluster() { Stop(); }

void LocalCluster::Stop() {
  for (const auto& worker : workers_) worker->Drain();
  {
    // A page that comes soon is worth the wait; one that does not is asked for again by the next run.
    std::unique_lock lock(mutex_);
    ended_.wait_for(lock, kDrainPatience, [this] { return running_ == 0; });
  }
  for (const auto& worker : workers_) worker->Abort();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  workers_.clear();
  admin_.reset();
  server_.reset();
}

absl::Status LocalCluster::status() const {
  RETURN_IF_ERROR(WithExitCode(server_->Tick(), ExitCode::kLocalTrouble));
  std::lock_guard lock(mutex_);
  return worker_status_;
}

}  // namespace penstock::cli
