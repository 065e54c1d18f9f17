// SPDX-License-Identifier: Apache-2.0
// Copies of a store, and the way back.
#include <sys/stat.h>

#include <atomic>
#include <thread>

#include "absl/strings/match.h"
#include "store/commit_mark.h"
#include "store/directory_lock.h"
#include "store/memory_store.h"
#include "store/rocks_backup_set.h"
#include "store/rocks_database.h"
#include "tests/store/damage_fixture.h"
#include "tests/store/faulty_disk.h"

namespace penstock::store {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class RocksBackup : public RocksFixture {
 protected:
  // Small buffers, so that there are tables after a few pages.
  RocksBackup() {
    write_buffer_bytes_ = 256 << 10;
    env_ = &disk_.env();
    std::filesystem::create_directories(path());
    state_ = path() + "/state";
    OpenState();
    EXPECT_OK(store_->Commit(MakeBatch({MakeSource(1)})));
  }
  ~RocksBackup() override { store_.reset(); }
  void OpenState() {
    store_.reset();
    ASSERT_OK_AND_ASSIGN(store_, TryOpen(state_));
  }

  absl::StatusOr<Backup> BackUp(uint32_t keep = 3) {
    return store_->BackUp({backups_, keep, clock_.Now().wall}, stop_);
  }
  absl::StatusOr<Backup> Restore(std::optional<uint32_t> number = std::nullopt) {
    return RestoreBackupOn(*env_, {backups_, number, restored_}, clock_, random_,
                           [](Store&) { return absl::OkStatus(); });
  }
  // It opens and has these pages and no more.
  void ExpectRestored(uint64_t pages) {
    auto store = TryOpen(restored_);
    ASSERT_OK(store);
    EXPECT_OK(CheckPages(**store, pages));
    EXPECT_EQ((*store)->GetRow(1, Endpoint::kConversations, absl::StrCat("row-", pages + 1, "-0")).ok(),
              false);
  }
  std::vector<std::string> Listed() {
    std::vector<std::string> words;
    const absl::StatusOr<std::vector<Backup>> backups = ListBackups(backups_);
    EXPECT_OK(backups);
    for (const Backup& backup : *backups)
      words.push_back(absl::StrCat(backup.number, backup.damage.empty() ? "" : " damaged"));
    return words;
  }
  // The files of tables, in the order of their names.
  std::vector<std::string> Tables() {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(backups_ + "/shared_checksum"))
      names.push_back(entry.path());
    std::sort(names.begin(), names.end());
    return names;
  }

  FaultyDisk disk_;
  std::atomic<bool> stop_ = false;
  std::string state_, backups_ = path() + "/backups", restored_ = path() + "/restored";
};

TEST_F(RocksBackup, HoldsWhatWasCommittedWhenItBegan) {
  CommitPages(5);
  ASSERT_OK_AND_ASSIGN(const Backup backup, BackUp());
  CommitPages(2);
  EXPECT_EQ(backup.number, 1u);
  EXPECT_EQ(backup.taken, clock_.Now().wall);
  EXPECT_EQ(backup.store_id, store_->store_id());
  EXPECT_EQ(backup.commit, 6u);  // the first one brought the source
  ASSERT_OK(Restore());
  ExpectRestored(5);
}

TEST_F(RocksBackup, IsMadeWhileCommitsGoOn) {
  CommitPages(60);
  const uint64_t before = pages_;
  std::atomic<bool> done = false;
  std::thread writer([&] {
    while (!done && pages_ < 1000) CommitPages(1);
  });
  for (int i = 0; i < 3; ++i) EXPECT_OK(BackUp());
  done = true;
  writer.join();
  EXPECT_OK(CheckPages(*store_, pages_));
  for (uint32_t number : {1, 2, 3}) {
    fs::remove_all(restored_);
    ASSERT_OK_AND_ASSIGN(const Backup backup, Restore(number));
    EXPECT_GE(backup.commit, before + 1);
    auto store = TryOpen(restored_);
    ASSERT_OK(store);
    EXPECT_GE((*store)->last_commit(), backup.commit);
    EXPECT_OK(CheckPages(**store, (*store)->last_commit() - 1));
  }
}

TEST_F(RocksBackup, WhatIsRestoredIsAnotherStoreOfALaterEpoch) {
  CommitPages(3);
  ASSERT_OK(BackUp());
  // The store goes on: it is started again and again, in one second.
  for (int i = 0; i < 10; ++i) OpenState();
  ASSERT_OK(Restore());
  auto restored = TryOpen(restored_);
  ASSERT_OK(restored);
  EXPECT_NE((*restored)->store_id(), store_->store_id());
  EXPECT_GT((*restored)->epoch(), store_->epoch());
  EXPECT_EQ((*restored)->last_commit(), 4u);
  EXPECT_OK((*restored)->Commit(MakeBatch(NumberedPage(4))));
}

TEST_F(RocksBackup, CopiesOnlyWhatIsNew) {
  CommitPages(60);
  ASSERT_OK(BackUp());
  const std::vector<std::string> first = Tables();
  ASSERT_FALSE(first.empty());
  CommitPages(1);
  ASSERT_OK(BackUp());
  const std::vector<std::string> second = Tables();
  EXPECT_TRUE(std::includes(second.begin(), second.end(), first.begin(), first.end()));
  EXPECT_EQ(second.size() > first.size(), true);
}

TEST_F(RocksBackup, TheNewestStayAndTheOlderOnesGo) {
  for (int i = 0; i < 5; ++i) {
    CommitPages(1);
    ASSERT_OK(BackUp(/*keep=*/2));
  }
  EXPECT_THAT(Listed(), ElementsAre("4", "5"));
  ASSERT_OK(Restore(4));
  ExpectRestored(4);
  EXPECT_THAT(Restore(3), StatusIs(absl::StatusCode::kNotFound,
                                   HasSubstr("no backup 3 in " + backups_ + "; there are 4, 5")));
}

TEST_F(RocksBackup, AStoreInMemoryHasNone) {
  const std::unique_ptr<Store> memory = NewMemoryStore("store", 1);
  EXPECT_THAT(memory->BackUp({backups_, 1, clock_.Now().wall}, stop_),
              StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("no backups")));
}

TEST_F(RocksBackup, ADiskThatIsFullCostsTheBackupAndNothingElse) {
  CommitPages(60);
  ASSERT_OK(BackUp());
  CommitPages(60);
  disk_.FailAppends(".tmp", FaultyDisk::Full());  // of a backup's files; the store has no such names
  EXPECT_THAT(BackUp(), StatusIs(absl::StatusCode::kResourceExhausted,
                                 AllOf(HasSubstr("disk is full while copying the store to " + backups_),
                                       HasSubstr("the store and earlier backups are untouched"))));
  EXPECT_GT(disk_.failures(), 0);
  CommitPages(3);
  EXPECT_THAT(Listed(), ElementsAre("1"));
  disk_.Heal();
  ASSERT_OK(BackUp());
  EXPECT_THAT(Listed(), ElementsAre("1", "2"));
  ASSERT_OK(Restore());
  ExpectRestored(123);
}

TEST_F(RocksBackup, ADiskThatFailsIsNamed) {
  CommitPages(3);
  disk_.FailSyncs(".tmp", FaultyDisk::Broken());
  EXPECT_THAT(BackUp(), StatusIs(absl::StatusCode::kUnavailable,
                                 AllOf(HasSubstr("the disk failed while copying the store to " + backups_),
                                       HasSubstr("check the volume"))));
  disk_.Heal();
  CommitPages(1);
  EXPECT_OK(BackUp());
}

TEST_F(RocksBackup, EndsWhenItIsStopped) {
  CommitPages(3);
  stop_ = true;
  EXPECT_THAT(BackUp(), StatusIs(absl::StatusCode::kCancelled, HasSubstr("stopped")));
  EXPECT_THAT(Listed(), IsEmpty());
  stop_ = false;
  EXPECT_OK(BackUp());
}

TEST_F(RocksBackup, AByteThatChangedIsFoundAndNotRestored) {
  CommitPages(60);
  ASSERT_OK(BackUp());
  const std::string table = Tables().front();
  std::string bytes = ReadFile(table);
  bytes[bytes.size() / 2] ^= 1;
  WriteFile(table, bytes);
  EXPECT_THAT(Listed(), ElementsAre("1"));  // names and sizes are as they were
  EXPECT_THAT(VerifyBackup(backups_, 1),
              StatusIs(absl::StatusCode::kDataLoss,
                       AllOf(HasSubstr("reading backup 1"), HasSubstr("use another one"))));
  EXPECT_THAT(Restore(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("restoring backup 1")));
  EXPECT_THAT(TryOpen(restored_), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("only in part")));
}

TEST_F(RocksBackup, OneThatLacksAFileIsPassedOver) {
  CommitPages(20);
  ASSERT_OK(BackUp());
  CommitPages(60);
  ASSERT_OK(BackUp());
  ASSERT_TRUE(fs::remove(backups_ + "/private/2/CURRENT"));
  EXPECT_THAT(Listed(), ElementsAre("1", "2 damaged"));
  EXPECT_THAT(Restore(2), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("backup 2")));
  ASSERT_OK(Restore());
  ExpectRestored(20);
  // In time it goes like the others, and does not stand in for one of those that are kept.
  CommitPages(1);
  ASSERT_OK(BackUp(/*keep=*/2));
  EXPECT_THAT(Listed(), ElementsAre("1", "2 damaged", "3"));
  ASSERT_OK(BackUp(/*keep=*/2));
  EXPECT_THAT(Listed(), ElementsAre("3", "4"));
}

TEST_F(RocksBackup, AnotherOneBringsBackTheTablesThatItSharesWithOneThatLacksThem) {
  CommitPages(60);
  ASSERT_OK(BackUp());
  for (const std::string& table : Tables()) ASSERT_TRUE(fs::remove(table));
  EXPECT_THAT(Listed(), ElementsAre("1 damaged"));
  ASSERT_OK(BackUp());
  EXPECT_THAT(Listed(), ElementsAre("1", "2"));
  ASSERT_OK(Restore(1));
  ExpectRestored(60);
}

// As if the end of the log had been lost before it was copied.
TEST_F(RocksBackup, OneThatLacksCommitsIsNotRestored) {
  CommitPages(3);
  const CommitMark mark{store_->store_id(), store_->epoch(), store_->last_commit() + 1};
  store_.reset();
  RocksStoreOptions options;
  options.directory = state_;
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Database> database,
                       Database::Open(*env_, state_ + "/db", options, Database::OpenOptions()));
  ASSERT_OK(PrepareBackupDirectory(backups_));
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<rocksdb::BackupEngine> engine, OpenBackups(*env_, backups_));
  const std::string note = EncodeNote({mark, clock_.Now().wall});
  ASSERT_TRUE(engine->CreateNewBackupWithMetadata(&database->db(), note, /*flush_before_backup=*/true).ok());
  EXPECT_THAT(Restore(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("ends at commit 4")));
}

TEST_F(RocksBackup, IsNotRestoredOverAnything) {
  CommitPages(2);
  ASSERT_OK(BackUp());
  ASSERT_OK(Restore());
  EXPECT_THAT(Restore(),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("is not empty: it holds '")));
  ExpectRestored(2);
  restored_ = state_;
  EXPECT_THAT(Restore(), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("is not empty")));
}

TEST_F(RocksBackup, IsRestoredIntoAFreshVolume) {
  CommitPages(2);
  ASSERT_OK(BackUp());
  fs::create_directories(restored_ + "/lost+found");
  ASSERT_OK(Restore());
  ExpectRestored(2);
}

TEST_F(RocksBackup, NobodyElseMayReadIt) {
  ASSERT_OK(BackUp());
  struct stat info {};
  ASSERT_EQ(::stat(backups_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
}

TEST_F(RocksBackup, OneAtATime) {
  ASSERT_OK(PrepareBackupDirectory(backups_));
  ASSERT_OK_AND_ASSIGN(const DirectoryLock other, DirectoryLock::Take(backups_));
  EXPECT_THAT(BackUp(), StatusIs(absl::StatusCode::kFailedPrecondition,
                                 AllOf(HasSubstr("in use by pid "), HasSubstr("a directory of its own"))));
}

TEST_F(RocksBackup, IsNotKeptAmongOtherThings) {
  backups_ = state_;
  EXPECT_THAT(BackUp(),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("not a directory of backups")));
}

TEST_F(RocksBackup, AVolumeThatIsNotMountedIsNoFolderToMake) {
  backups_ = path() + "/missing/backups";
  EXPECT_THAT(BackUp(), StatusIs(absl::StatusCode::kNotFound, HasSubstr("is its volume mounted?")));
  EXPECT_FALSE(fs::exists(path() + "/missing"));
}

}  // namespace
}  // namespace penstock::store
