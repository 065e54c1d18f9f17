// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/security/auth_context.h>
#include <grpcpp/security/auth_metadata_processor.h>

#include <memory>

#include "base/clock.h"
#include "coordinator/access.h"

namespace penstock::coordinator {

// Stands before every call that comes with a certificate: looks for the caller's role and the method's, and refuses or
// lets through. Refusals are logged, of one caller and method at most once a minute. `access` and `clock` outlive it.
std::shared_ptr<grpc::AuthMetadataProcessor> NewAccessGuard(const Access& access, const Clock& clock);

// Who calls, in a handler: the guard let them through. `access` is null where no listener takes certificates.
Caller CallerOf(const Access* access, const grpc::AuthContext* context);

}  // namespace penstock::coordinator
