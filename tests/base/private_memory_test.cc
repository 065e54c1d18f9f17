// SPDX-License-Identifier: Apache-2.0
#include "base/private_memory.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cstdlib>

namespace penstock {
namespace {

// In a process of its own: there is no way back.
TEST(PrivateMemory, LeavesNoCoreAndIsNotToBeRead) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the address sanitizer's leak check traces its own process";
#endif
  EXPECT_EXIT(
      {
        KeepMemoryPrivate();
        rlimit core{};
        getrlimit(RLIMIT_CORE, &core);
        std::exit(core.rlim_cur == 0 && core.rlim_max == 0 && prctl(PR_GET_DUMPABLE) == 0 ? 0 : 1);
      },
      ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace penstock
