// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <yaml-cpp/yaml.h>

#include <string>

#include "absl/status/statusor.h"
#include "base/config.h"

namespace penstock {

// The configuration's `metrics`. Which settings there are is not known here: metrics/own_settings.h checks them.
absl::StatusOr<MetricsConfig> ReadMetrics(const YAML::Node& node, const std::string& file);

}  // namespace penstock
