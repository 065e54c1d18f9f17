// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "coordinator/access.h"
#include "coordinator/core.h"
#include "proto/worker_service.pb.h"

namespace penstock::coordinator {

// A worker never gets or touches anything of a source that its certificate is not for, whatever it says of itself.

// A Sync without the sources and destinations that are not its own: one configuration file names those of all.
// PERMISSION_DENIED when it named some and none is left.
absl::StatusOr<v1::SyncRequest> WithinScope(const CoreOptions& options, const Caller& caller,
                                            const v1::SyncRequest& request);
// The same of who would answer questions. PERMISSION_DENIED, too, when another caller's worker has this id.
absl::StatusOr<v1::TakeQueryRequest> WithinScope(Core& core, const Caller& caller,
                                                 const v1::TakeQueryRequest& request);
// PERMISSION_DENIED for a question about another's destination.
absl::Status CheckQuery(Core& core, const Caller& caller, const v1::LeaseToken& token);
// PERMISSION_DENIED for another's source.
absl::Status CheckSource(const Caller& caller, const std::string& source);
// PERMISSION_DENIED for a lease of another's source. A lease that has ended is for the desk to refuse; its token is
// never given again.
absl::Status CheckLease(Core& core, const Caller& caller, const v1::LeaseToken& token);

}  // namespace penstock::coordinator
