// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace penstock {

// SIGINT or SIGTERM when one came since the first call, else 0. The first call begins to catch them, so that
// long work can end its line, say that its state is kept and leave with 130 or 143. A second signal ends the
// process at once. Any thread.
int StopSignal();

}  // namespace penstock
