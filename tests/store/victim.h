// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/status_macros.h"

namespace penstock::store {

// Tells a victim, which is a disabled test of this binary run as a process of its own, where its files lie.
inline constexpr char kVictimDirectory[] = "PENSTOCK_VICTIM_DIRECTORY";

// In the victim: it has come one step further.
inline void SayCame() { CHECK(::write(3, "c", 1) == 1); }

// Runs the test until it has come so many steps and kills it `spins` turns of a loop later, so that every instant is
// hit some time. How many it came altogether.
inline int RunVictim(const std::string& test, const std::string& directory, int steps, uint64_t spins) {
  int pipe_ends[2];
  CHECK(::pipe(pipe_ends) == 0);
  const pid_t pid = ::fork();
  CHECK(pid >= 0);
  if (pid == 0) {
    ::setenv(kVictimDirectory, directory.c_str(), 1);
    ::dup2(pipe_ends[1], 3);
    ::dup2(::open("/dev/null", O_WRONLY), 1);
    ::execl("/proc/self/exe", "victim", ("--gtest_filter=" + test).c_str(), "--gtest_also_run_disabled_tests",
            static_cast<char*>(nullptr));
    ::_exit(127);
  }
  ::close(pipe_ends[1]);
  int came = 0;
  char byte = 0;
  while (came < steps && ::read(pipe_ends[0], &byte, 1) == 1) ++came;
  for (uint64_t spun = 0; spun < spins; ++spun) {
    asm volatile("");
  }
  CHECK(::kill(pid, SIGKILL) == 0);
  int status = 0;
  CHECK(::waitpid(pid, &status, 0) == pid);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the victim ended by itself";
  while (::read(pipe_ends[0], &byte, 1) == 1) ++came;
  ::close(pipe_ends[0]);
  return came;
}

}  // namespace penstock::store
