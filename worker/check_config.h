// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "base/config.h"

namespace penstock::worker {

// What only those who do the work can judge of a configuration: whether the columns that it drops or hashes are there,
// and whether metrics have what it sets. Opens nothing. INVALID_ARGUMENT begins with the place in the file.
absl::Status CheckConfig(const Config& config);

}  // namespace penstock::worker
