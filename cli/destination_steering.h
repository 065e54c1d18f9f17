// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.h"

namespace penstock::cli {

// `penstock destinations show`, `why`, `pause` and `resume`, below `group`.
void AddDestinationSteering(CLI::App& group, Action& chosen);

}  // namespace penstock::cli
