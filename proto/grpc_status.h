// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace penstock {

// Between gRPC's status and Abseil's, code by code, message kept; details and payloads do not travel. A
// number that is no code becomes UNKNOWN.
absl::Status FromGrpc(const grpc::Status& status);
grpc::Status ToGrpc(const absl::Status& status);

}  // namespace penstock
