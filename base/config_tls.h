// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "base/config.h"
#include "base/config_reader.h"

namespace penstock {

// The parts `tls` and `access` of the configuration. Errors begin with "FILE:LINE: ".
absl::StatusOr<TlsConfig> ReadTls(const YAML::Node& node, const std::string& file);
// `config`: with its sources.
absl::StatusOr<std::map<std::string, AccessConfig>> ReadAccess(const YAML::Node& node,
                                                               const std::string& file, const Config& config);

}  // namespace penstock
