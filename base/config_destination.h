// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <yaml-cpp/yaml.h>

#include <string>

#include "absl/status/statusor.h"
#include "base/config.h"

namespace penstock {

// One entry of `destinations`. Its source must be among those of `config`. Throws as yaml-cpp does.
absl::StatusOr<DestinationConfig> ReadDestination(const std::string& name, const YAML::Node& node,
                                                  const std::string& file, const Config& config);

}  // namespace penstock
