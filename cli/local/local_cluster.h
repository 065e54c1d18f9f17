// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "base/config.h"
#include "coordinator/server.h"
#include "proto/admin_service.grpc.pb.h"
#include "worker/worker.h"

namespace penstock::cli {

// A coordinator and workers in this process: the same classes as the daemons, the same calls over an
// in-process channel. What `penstock run` and `penstock load` are made of.
class LocalCluster {
 public:
  struct Options {
    std::string state;
    std::string version;
    uint32_t workers = 4;    // each with a window at a time
    std::string monitoring;  // HOST:PORT for Prometheus; empty: none
    bool fetch = true;       // false: they load only, whatever jobs the state knows
  };
  // Errors: INVALID_ARGUMENT for what the command line asked; everything else is trouble of this machine
  // (locked, not writable, corrupt, newer format).
  static absl::StatusOr<std::unique_ptr<LocalCluster>> Start(const Config& config, const Options& options);
  // Stop, if it has not been called.
  ~LocalCluster();

  // Lets the workers begin. Jobs that exist by then are begun at once; a later one waits for their next Sync.
  void Work();

  // Starts workers until there are so many. After Work.
  void Grow(uint32_t workers);

  // Ends what runs at its next page, gives the rest back, closes the store. A few seconds at most.
  void Stop();

  v1::AdminService::StubInterface& admin() { return *admin_; }
  // The same, for what asks coordinators in other processes too.
  std::shared_ptr<grpc::Channel> Channel() { return server_->InProcessChannel(); }
  // Not OK once the store or a worker failed for good.
  absl::Status status() const;

 private:
  LocalCluster() = default;

  void AddWorker();
  void Start(worker::Worker& worker);

  Config config_;
  worker::WorkerOptions worker_options_;
  std::shared_ptr<const worker::Sources> sources_;
  std::unique_ptr<coordinator::Server> server_;
  std::vector<std::unique_ptr<worker::Worker>> workers_;
  std::unique_ptr<v1::AdminService::StubInterface> admin_;
  mutable std::mutex mutex_;
  std::condition_variable ended_;
  size_t running_ = 0;
  absl::Status worker_status_;  // of the first that failed
  std::vector<std::thread> threads_;
};

}  // namespace penstock::cli
