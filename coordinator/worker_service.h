// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "coordinator/access.h"
#include "coordinator/core.h"
#include "grpcpp/impl/codegen/service_type.h"

namespace penstock::coordinator {

// The gRPC shell around WorkerDesk, QueryDesk and the load functions: one line per call, and the page stream
// put together.
// `access`: of the listener that takes certificates; null: there is none.
std::unique_ptr<grpc::Service> NewWorkerService(Core& core, const Access* access);

}  // namespace penstock::coordinator
