// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.h"

namespace penstock::cli {

// `penstock destinations adopt`, below `group`.
void AddAdoptCommand(CLI::App& group, Action& chosen);

}  // namespace penstock::cli
