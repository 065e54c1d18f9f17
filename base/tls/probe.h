// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/config.h"

namespace penstock {

// Why the coordinator at HOST:PORT and this process do not believe each other, where gRPC says only that the
// connection was closed: makes one of its own, in at most about twice `patience`. UNAUTHENTICATED, one sentence that
// names the side whose certificate is refused and why. OK: it is not that (they do; or nothing listens there).
absl::Status ProbeTls(const std::string& address, const TlsConfig& files, absl::Duration patience);

}  // namespace penstock
