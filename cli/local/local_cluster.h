// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "base/config.h"
#include "coordinator/server.h"
#include "proto/admin_service.grpc.pb.h"
#include "worker/worker.h"

namespace penstock::cli {

// A coordinator and a worker in this process: the same classes as the daemons, the same calls over an
// in-process channel. What `penstock run` and `penstock load` are made of.
class LocalCluster {
 public:
  struct Options {
    std::string state;
    std::string version;
    uint32_t windows_at_once = 4;
  };
  // Errors: INVALID_ARGUMENT for what the command line asked; everything else is trouble of this machine
  // (locked, not writable, corrupt, newer format).
  static absl::StatusOr<std::unique_ptr<LocalCluster>> Start(const Config& config, const Options& options);
  // Stop, if it has not been called.
  ~LocalCluster();

  // Lets the worker begin. Jobs that exist by then are begun at once; a later one waits for the worker's next
  // Sync.
  void Work();

  // Ends what runs at its next page, gives the rest back, closes the store. A few seconds at most.
  void Stop();

  v1::AdminService::StubInterface& admin() { return *admin_; }
  // Not OK once the store or the worker failed for good.
  absl::Status status() const;

 private:
  LocalCluster() = default;

  std::unique_ptr<coordinator::Server> server_;
  std::unique_ptr<worker::Worker> worker_;
  std::unique_ptr<v1::AdminService::StubInterface> admin_;
  mutable std::mutex mutex_;
  std::condition_variable ended_;
  bool worker_ended_ = false;
  absl::Status worker_status_;
  std::thread thread_;
};

}  // namespace penstock::cli
