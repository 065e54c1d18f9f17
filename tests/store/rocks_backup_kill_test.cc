// SPDX-License-Identifier: Apache-2.0
// A process is killed while it makes a backup, or restores one.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <functional>

#include "base/status_macros.h"
#include "store/rocks_backups.h"
#include "tests/store/damage_fixture.h"

namespace penstock::store {
namespace {

using ::testing::HasSubstr;

constexpr char kDirectory[] = "PENSTOCK_BACKUP_KILL_TEST_DIRECTORY";

class RocksBackupKill : public RocksFixture {
 protected:
  RocksBackupKill() {
    write_buffer_bytes_ = 256 << 10;
    std::filesystem::create_directories(path());
  }
  absl::StatusOr<Backup> RestoreIn(
      const std::string& folder, const std::function<void()>& amend = [] {}) {
    return RestoreBackup({folder + "/backups", std::nullopt, folder + "/restored"}, clock_, random_,
                         [&](Store&) {
                           amend();
                           return absl::OkStatus();
                         });
  }
  void ExpectRestoredWhole(uint64_t commit) {
    auto store = TryOpen(path() + "/restored");
    ASSERT_OK(store);
    EXPECT_GE((*store)->last_commit(), commit);
    EXPECT_OK(CheckPages(**store, (*store)->last_commit() - 1));
  }
};

// Not tests of their own: what the killed processes run. One byte for each thing that is done.
TEST_F(RocksBackupKill, DISABLED_Keeper) {
  const std::string folder = std::getenv(kDirectory);
  std::atomic<bool> stop = false;
  auto store = TryOpen(folder + "/state");
  ASSERT_OK(store);
  if ((*store)->last_commit() == 0) {
    ASSERT_OK((*store)->Commit(MakeBatch({MakeSource(1)})));
  }
  while (true) {
    for (int i = 0; i < 20; ++i)
      ASSERT_OK((*store)->Commit(MakeBatch(NumberedPage((*store)->last_commit()))));
    ASSERT_OK((*store)->BackUp({folder + "/backups", 3, clock_.Now().wall}, stop));
    ASSERT_EQ(::write(3, "b", 1), 1);
  }
}
TEST_F(RocksBackupKill, DISABLED_Restorer) {
  const std::string folder = std::getenv(kDirectory);
  ASSERT_EQ(::write(3, "b", 1), 1);
  ASSERT_OK(RestoreIn(folder));
  ::pause();
}
TEST_F(RocksBackupKill, DISABLED_RestorerAtTheLastStep) {
  ASSERT_OK(RestoreIn(std::getenv(kDirectory), [] {
    EXPECT_EQ(::write(3, "b", 1), 1);
    ::pause();
  }));
}

// Runs a victim until so many bytes came and kills it some turns of a loop later.
void RunVictim(const std::string& name, const std::string& directory, int bytes, uint64_t spins) {
  int pipe_ends[2];
  CHECK(::pipe(pipe_ends) == 0);
  const pid_t pid = ::fork();
  CHECK(pid >= 0);
  if (pid == 0) {
    ::setenv(kDirectory, directory.c_str(), 1);
    ::dup2(pipe_ends[1], 3);
    ::dup2(::open("/dev/null", O_WRONLY), 1);
    ::execl("/proc/self/exe", "victim", ("--gtest_filter=RocksBackupKill.DISABLED_" + name).c_str(),
            "--gtest_also_run_disabled_tests", static_cast<char*>(nullptr));
    ::_exit(127);
  }
  ::close(pipe_ends[1]);
  int came = 0;
  char byte = 0;
  while (came < bytes && ::read(pipe_ends[0], &byte, 1) == 1) ++came;
  for (uint64_t spun = 0; spun < spins; ++spun) {
    asm volatile("");
  }
  CHECK(::kill(pid, SIGKILL) == 0);
  int status = 0;
  CHECK(::waitpid(pid, &status, 0) == pid);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the victim ended by itself";
  ::close(pipe_ends[0]);
}

TEST_F(RocksBackupKill, ABackupIsThereWholeOrNotAtAll) {
  std::atomic<bool> stop = false;
  for (int round = 0; round < 3; ++round) {
    RunVictim("Keeper", path(), 1 + round, random_.Next() % 60'000'000);
    ASSERT_OK_AND_ASSIGN(const std::vector<Backup> backups, ListBackups(path() + "/backups"));
    ASSERT_FALSE(backups.empty());
    for (const Backup& backup : backups) {
      EXPECT_EQ(backup.damage, "");
      EXPECT_OK(VerifyBackup(path() + "/backups", backup.number));
    }
    std::filesystem::remove_all(path() + "/restored");
    ASSERT_OK(RestoreIn(path()));
    ExpectRestoredWhole(backups.back().commit);
    // What the killed one left behind is in nobody's way.
    auto store = TryOpen(path() + "/state");
    ASSERT_OK(store);
    ASSERT_OK((*store)->BackUp({path() + "/backups", 3, clock_.Now().wall}, stop));
  }
}

TEST_F(RocksBackupKill, ARestoreIsDoneOrBegunAgain) {
  std::atomic<bool> stop = false;
  {
    auto store = TryOpen(path() + "/state");
    ASSERT_OK(store);
    ASSERT_OK((*store)->Commit(MakeBatch({MakeSource(1)})));
    for (uint64_t page = 1; page <= 60; ++page) ASSERT_OK((*store)->Commit(MakeBatch(NumberedPage(page))));
    ASSERT_OK((*store)->BackUp({path() + "/backups", 3, clock_.Now().wall}, stop));
  }
  const std::string restored = path() + "/restored";
  const auto expect_begun_again = [&] {
    EXPECT_THAT(TryOpen(restored), StatusIs(absl::StatusCode::kFailedPrecondition,
                                            HasSubstr("only in part; run `penstock restore` again")));
    ASSERT_OK(RestoreIn(path()));
    ExpectRestoredWhole(61);
  };
  RunVictim("RestorerAtTheLastStep", path(), 1, 0);
  expect_begun_again();
  for (int round = 0; round < 6; ++round) {
    std::filesystem::remove_all(restored);
    RunVictim("Restorer", path(), 1, random_.Next() % (uint64_t{20'000'000} << (round / 2)));
    if (std::filesystem::exists(restored + "/db")) {
      ExpectRestoredWhole(61);
    } else if (std::filesystem::exists(restored + "/restoring")) {
      expect_begun_again();
    }
  }
}

}  // namespace
}  // namespace penstock::store
