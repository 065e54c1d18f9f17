// SPDX-License-Identifier: Apache-2.0
#include "base/stop_signal.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

namespace penstock {
namespace {

TEST(StopSignal, IsNotedOnceItIsAskedForAndTheSecondOneEndsTheProcess) {
  EXPECT_EXIT(
      {
        if (StopSignal() != 0) _exit(1);
        raise(SIGTERM);
        if (StopSignal() != SIGTERM) _exit(2);
        raise(SIGTERM);
        _exit(3);
      },
      ::testing::KilledBySignal(SIGTERM), "");
}

}  // namespace
}  // namespace penstock
