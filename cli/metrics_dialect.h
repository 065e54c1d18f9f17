// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "base/config.h"
#include "metrics/dialect.h"

namespace penstock::cli {

// Of a system ("postgres") with the names that a new destination of it has, or of a destination: of the configuration,
// or spelled out. INVALID_ARGUMENT names the nearest one.
absl::StatusOr<std::unique_ptr<metrics::Dialect>> DialectNamed(const std::string& name, const Config& config);

}  // namespace penstock::cli
