// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/support/server_interceptor.h>

#include <memory>

#include "coordinator/access.h"

namespace penstock::coordinator {

// A line of the log for each call that takes the role admin, from wherever it comes: who, what, why (--reason) and with
// which outcome. What it was about is left out where that could be a person. `access` outlives it.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> NewAuditTrail(const Access& access);

}  // namespace penstock::coordinator
