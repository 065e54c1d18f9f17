// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/clock.h"
#include "coordinator/core.h"
#include "proto/admin_service.pb.h"

namespace penstock::coordinator {

// Facts as people's tools see them. Each reads one consistent state: the caller is inside a turn.

v1::Job JobView(Core& core, const storage::JobRecord& job, const Moment& now);
v1::Window WindowView(const storage::WindowRecord& window);
v1::Budget BudgetView(Core& core, uint32_t source, const Moment& now);
v1::Destination DestinationView(Core& core, const std::string& name, const storage::SourceRecord& source,
                                const Moment& now);
v1::Worker WorkerView(Core& core, const std::string& id, const WorkerSeen& seen, const Moment& now);

}  // namespace penstock::coordinator
