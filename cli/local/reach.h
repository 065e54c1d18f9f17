// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "base/source_url.h"

namespace penstock::cli {

// Whether the name resolves and a TCP connection opens within five seconds. Nothing is sent. UNAVAILABLE says
// which of the two failed.
absl::Status Reach(const HostPort& address);

}  // namespace penstock::cli
