// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "coordinator/core.h"
#include "proto/admin_service.pb.h"

namespace penstock::coordinator {

// Why nothing is loaded into the destination now, or what is: who paused it, who works on it, what it fails with and
// when that is tried again, that nobody has its secret, what it waits for, or that it holds everything.
v1::ExplainDestinationResponse ExplainDestination(Core& core, const std::string& name,
                                                  const storage::SourceRecord& source, const Moment& now);

}  // namespace penstock::coordinator
