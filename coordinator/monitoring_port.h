// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "coordinator/core.h"

namespace prometheus {
class Exposer;
}

namespace penstock::coordinator {

// GET /metrics for Prometheus, on a port of its own, from threads of its own.
class MonitoringPort {
 public:
  // `address`: HOST:PORT; port 0: any. `core` outlives it. FAILED_PRECONDITION when it cannot listen there.
  static absl::StatusOr<std::unique_ptr<MonitoringPort>> Listen(const std::string& address, Core& core,
                                                                const std::string& version);
  ~MonitoringPort();

  int port() const;

 private:
  class Source;
  MonitoringPort(std::shared_ptr<Source> source, std::unique_ptr<prometheus::Exposer> exposer);

  std::shared_ptr<Source> source_;
  std::unique_ptr<prometheus::Exposer> exposer_;
};

}  // namespace penstock::coordinator
