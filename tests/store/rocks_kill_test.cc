// SPDX-License-Identifier: Apache-2.0
// A process that commits is killed at a random instant, over and over, on the same directory. Every
// acknowledged page must be there afterwards; the one in flight may be there, but only whole.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "tests/store/rocks_fixture.h"

namespace penstock::store {
namespace {

constexpr char kDirectory[] = "PENSTOCK_KILL_TEST_DIRECTORY";

class RocksKill : public RocksFixture {
 protected:
  RocksKill() { write_buffer_bytes_ = 256 << 10; }  // flushes and log changes happen all the time
};

// Not a test of its own: what the killed process runs. One byte to stdout for each acknowledged page.
TEST_F(RocksKill, DISABLED_Victim) {
  const char* directory = std::getenv(kDirectory);
  ASSERT_NE(directory, nullptr);
  auto store = TryOpen(directory);
  ASSERT_OK(store);
  if ((*store)->last_commit() == 0) {
    ASSERT_OK((*store)->Commit(MakeBatch({MakeSource(1)})));
  }
  while (true) {
    ASSERT_OK((*store)->Commit(MakeBatch(NumberedPage((*store)->last_commit()))));
    ASSERT_EQ(::write(3, "p", 1), 1);
  }
}

// Runs a victim until `acknowledgements` have come and kills it `spins` turns of a loop later, so that every
// instant of a commit is hit some time. How many came altogether.
int RunVictim(const std::string& directory, int acknowledgements, uint64_t spins) {
  int pipe_ends[2];
  CHECK(::pipe(pipe_ends) == 0);
  const pid_t pid = ::fork();
  CHECK(pid >= 0);
  if (pid == 0) {
    ::setenv(kDirectory, directory.c_str(), 1);
    ::dup2(pipe_ends[1], 3);
    ::dup2(::open("/dev/null", O_WRONLY), 1);
    ::execl("/proc/self/exe", "victim", "--gtest_filter=RocksKill.DISABLED_Victim",
            "--gtest_also_run_disabled_tests", static_cast<char*>(nullptr));
    ::_exit(127);
  }
  ::close(pipe_ends[1]);
  int came = 0;
  char byte = 0;
  while (came < acknowledgements && ::read(pipe_ends[0], &byte, 1) == 1) ++came;
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

TEST_F(RocksKill, NothingAcknowledgedIsLost) {
  uint64_t acknowledged = 0;
  for (int round = 0; round < 12; ++round) {
    acknowledged += RunVictim(path(), static_cast<int>(random_.Next() % 40), random_.Next() % 3'000'000);
    auto store = TryOpen(path());
    ASSERT_OK(store);
    if ((*store)->last_commit() == 0) continue;
    const uint64_t pages = (*store)->last_commit() - 1;  // the first commit brings the source
    EXPECT_GE(pages, acknowledged);
    EXPECT_LE(pages, acknowledged + 1);
    EXPECT_OK(CheckPages(**store, pages)) << "round " << round;
    EXPECT_THAT((*store)->GetRow(1, Endpoint::kConversations, absl::StrCat("row-", pages + 1, "-0")),
                StatusIs(absl::StatusCode::kNotFound, ::testing::_));
    acknowledged = pages;
  }
  EXPECT_GT(acknowledged, 0u);
}

}  // namespace
}  // namespace penstock::store
