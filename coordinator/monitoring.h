// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "coordinator/core.h"

namespace penstock::coordinator {

// What a coordinator tells Prometheus: docs/operating.md lists the names. Label values are names of the
// configuration and words of ours; nothing that a source said. Errors are the store's.
// Each source as it is at one moment (Core::VisitSources). Enters the core.
absl::StatusOr<std::vector<prometheus::MetricFamily>> Monitoring(Core& core, const std::string& version);

}  // namespace penstock::coordinator
