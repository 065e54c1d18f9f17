// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <yaml-cpp/yaml.h>

#include <string>

#include "absl/status/statusor.h"
#include "base/config.h"

namespace penstock {

// The `columns` of a destination. Whether there are such columns, and whether they may be dropped or hashed, is for
// whoever knows the tables (worker/column_rules.h). Throws as yaml-cpp does.
absl::StatusOr<ColumnsConfig> ReadColumns(const YAML::Node& node, const std::string& file);

}  // namespace penstock
