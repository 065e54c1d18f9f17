// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "coordinator/core.h"

namespace penstock::coordinator {

// Begins the rounds whose moment has come, one per source at most: a moment that passed while no coordinator or no
// worker ran, or while a round was open, is not made up for by a round of its own. The next moment is durable in the
// commit that begins the round. What cannot be committed is logged and stays due.
void BeginDueRounds(Core& core, const Core::Turn& turn);

}  // namespace penstock::coordinator
