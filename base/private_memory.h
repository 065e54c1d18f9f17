// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace penstock {

// From now on this process leaves no core file, and no other process of its user can read its memory or trace it: the
// secrets in there stay there. At the start of main; what it starts itself leaves no core file either.
void KeepMemoryPrivate();

}  // namespace penstock
