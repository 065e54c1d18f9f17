// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

#include "cli/command.h"

namespace penstock::cli {

// `metrics powerbi`: files for Power BI Desktop. Asks nobody; the destination's secrets are not needed.
void AddMetricsPowerbi(CLI::App& group, Action& chosen);

}  // namespace penstock::cli
