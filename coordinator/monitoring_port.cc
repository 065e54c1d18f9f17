// SPDX-License-Identifier: Apache-2.0
#include "coordinator/monitoring_port.h"

#include <prometheus/collectable.h>
#include <prometheus/exposer.h>

#include <exception>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "coordinator/monitoring.h"

namespace penstock::coordinator {

class MonitoringPort::Source final : public prometheus::Collectable {
 public:
  Source(Core& core, std::string version) : core_(core), version_(std::move(version)) {}

  std::vector<prometheus::MetricFamily> Collect() const override {
    absl::StatusOr<std::vector<prometheus::MetricFamily>> families = Monitoring(core_, version_);
    if (families.ok()) return *std::move(families);
    // The library has no way to refuse; what alerts on penstock_build_info's absence sees it.
    Log(LogLevel::kError, "cannot tell Prometheus", {{"error", std::string(families.status().message())}});
    return {};
  }

 private:
  Core& core_;
  const std::string version_;
};

MonitoringPort::MonitoringPort(std::shared_ptr<Source> source, std::unique_ptr<prometheus::Exposer> exposer)
    : source_(std::move(source)), exposer_(std::move(exposer)) {}
MonitoringPort::~MonitoringPort() = default;

absl::StatusOr<std::unique_ptr<MonitoringPort>> MonitoringPort::Listen(const std::string& address, Core& core,
                                                                       const std::string& version) {
  std::unique_ptr<prometheus::Exposer> exposer;
  try {
    exposer = std::make_unique<prometheus::Exposer>(address);
  } catch (const std::exception& error) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot listen on ", address, " for monitoring (", error.what(),
                     "); is the address in use? --monitoring takes another"));
  }
  auto source = std::make_shared<Source>(core, version);
  exposer->RegisterCollectable(source);
  return std::unique_ptr<MonitoringPort>(new MonitoringPort(std::move(source), std::move(exposer)));
}

int MonitoringPort::port() const { return exposer_->GetListeningPorts().front(); }

}  // namespace penstock::coordinator
