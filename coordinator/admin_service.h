// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "coordinator/core.h"
#include "grpcpp/impl/codegen/service_type.h"

namespace penstock::coordinator {

// The gRPC shell around AdminDesk and QueryDesk: one line per call.
std::unique_ptr<grpc::Service> NewAdminService(Core& core, const std::string& version);

}  // namespace penstock::coordinator
