// SPDX-License-Identifier: Apache-2.0
#include "base/private_memory.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/status_macros.h"

namespace penstock {

void KeepMemoryPrivate() {
  const rlimit none = {0, 0};
  CHECK(setrlimit(RLIMIT_CORE, &none) == 0);
#ifndef __SANITIZE_ADDRESS__  // whose leak check traces its own process
  CHECK(prctl(PR_SET_DUMPABLE, 0) == 0);
#endif
}

}  // namespace penstock
