// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/clock.h"
#include "coordinator/core.h"
#include "proto/admin_service.pb.h"

namespace penstock::coordinator {

// "waiting for budget, 14 ahead, 13 s; sync job-88 first", or how long the source asked to wait.
std::string WhyNoPermit(Core& core, const PermitAsk& ask, const Moment& now);

// Why a window is not done, and what to type about it.
v1::ExplainWindowResponse ExplainWindow(Core& core, const storage::WindowRecord& window, const Moment& now);

}  // namespace penstock::coordinator
