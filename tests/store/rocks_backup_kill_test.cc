// SPDX-License-Identifier: Apache-2.0
// A process is killed while it makes a backup, or restores one.
#include <unistd.h>

#include <atomic>
#include <functional>

#include "base/status_macros.h"
#include "store/rocks_backups.h"
#include "tests/store/damage_fixture.h"
#include "tests/store/victim.h"

namespace penstock::store {
namespace {

using ::testing::HasSubstr;

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

// Not tests of their own: what the killed processes run. One step for each thing that is done.
TEST_F(RocksBackupKill, DISABLED_Keeper) {
  const std::string folder = std::getenv(kVictimDirectory);
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
    SayCame();
  }
}
TEST_F(RocksBackupKill, DISABLED_Restorer) {
  const std::string folder = std::getenv(kVictimDirectory);
  SayCame();
  ASSERT_OK(RestoreIn(folder));
  ::pause();
}
TEST_F(RocksBackupKill, DISABLED_RestorerAtTheLastStep) {
  ASSERT_OK(RestoreIn(std::getenv(kVictimDirectory), [] {
    SayCame();
    ::pause();
  }));
}

TEST_F(RocksBackupKill, ABackupIsThereWholeOrNotAtAll) {
  std::atomic<bool> stop = false;
  for (int round = 0; round < 3; ++round) {
    RunVictim("RocksBackupKill.DISABLED_Keeper", path(), 1 + round, random_.Next() % 60'000'000);
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
  RunVictim("RocksBackupKill.DISABLED_RestorerAtTheLastStep", path(), 1, 0);
  expect_begun_again();
  for (int round = 0; round < 6; ++round) {
    std::filesystem::remove_all(restored);
    RunVictim("RocksBackupKill.DISABLED_Restorer", path(), 1,
              random_.Next() % (uint64_t{20'000'000} << (round / 2)));
    if (std::filesystem::exists(restored + "/db")) {
      ExpectRestoredWhole(61);
    } else if (std::filesystem::exists(restored + "/restoring")) {
      expect_begun_again();
    }
  }
}

}  // namespace
}  // namespace penstock::store
