// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "coordinator/core.h"
#include "coordinator/split_rule.h"

namespace penstock::coordinator {

// The windows that the workers of a source could read at once, as they said lately.
uint32_t CapacityOf(Core& core, uint32_t source, const Moment& now);

Hands HandsOf(Core& core, uint32_t source, const Moment& now);

}  // namespace penstock::coordinator
