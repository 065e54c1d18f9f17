// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/random.h"
#include "coordinator/core.h"

namespace penstock::coordinator {

struct ServerOptions {
  std::string state;       // the state directory
  std::string listen;      // HOST:PORT; port 0: any; empty: no TCP. Without config.tls: on loopback only
  std::string monitoring;  // HOST:PORT on loopback for Prometheus; port 0: any; empty: none
  bool socket = true;      // STATE/penstock.sock, for this user only
  bool read_only = false;
  bool workers_died_with_us = false;
  bool scheduled_backups = true;  // false: it ends soon, and makes backups only when somebody asks
  std::string version;
};

// A coordinator: the store, the core, and the two services on their listeners. Everything in it ends with it.
class Server {
 public:
  // Opens the store, recovers, listens. Errors are those of OpenRocksStore and Core::Open;
  // INVALID_ARGUMENT when an address is not loopback and nothing protects what leaves the machine, or when there
  // are certificates and `access` gives nobody a role; FAILED_PRECONDITION when the address is taken; those of
  // CheckTlsFiles.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const Config& config, const ServerOptions& options,
                                                       const Clock& clock, Random& random);
  // Stop, if it has not been called.
  ~Server();

  // Ends waits, lets running calls finish for a few seconds, closes the store.
  void Stop();

  // For a worker or a CLI in the same process: the same calls without a socket.
  std::shared_ptr<grpc::Channel> InProcessChannel();
  int port() const;
  // 0: there is none.
  int monitoring_port() const;
  // What is to be done now and then: logs alarms, calls heartbeats, goes on with erasures, backups and checks of the
  // store. The process calls it a few times a second, from one thread. Never waits for the network. Not OK once the
  // store failed for good: the process must end.
  absl::Status Tick();

 private:
  struct Parts;
  explicit Server(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace penstock::coordinator
