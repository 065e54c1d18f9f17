// SPDX-License-Identifier: Apache-2.0
// The disk is full or broken while the store works.
#include "tests/store/faulty_disk.h"
#include "tests/store/rocks_fixture.h"

namespace penstock::store {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class RocksDiskFault : public RocksFixture {
 protected:
  RocksDiskFault() { env_ = &disk_.env(); }
  ~RocksDiskFault() override { store_.reset(); }

  absl::Status CommitNext() { return store_->Commit(MakeBatch(NumberedPage(pages_ + 1))).status(); }
  // Nothing of the refused page may be visible.
  void ExpectNextPageIsAbsent(uint64_t commits) {
    EXPECT_EQ(store_->last_commit(), commits);
    EXPECT_OK(CheckPages(*store_, pages_));
    EXPECT_THAT(store_->GetRow(1, Endpoint::kConversations, absl::StrCat("row-", pages_ + 1, "-0")),
                StatusIs(absl::StatusCode::kNotFound, HasSubstr("row-")));
  }
  // What a crash would leave: the files as they are now, opened by another process.
  void ExpectACopyHolds(uint64_t pages) {
    const std::string copy = path() + ".copy";
    std::filesystem::remove_all(copy);
    std::filesystem::copy(path(), copy, std::filesystem::copy_options::recursive);
    auto store = TryOpen(copy);
    ASSERT_OK(store);
    EXPECT_OK(CheckPages(**store, pages));
    store->reset();
    std::filesystem::remove_all(copy);
  }

  FaultyDisk disk_;
};

TEST_F(RocksDiskFault, CommitsAreRefusedBeforeTheLastSpaceIsGone) {
  OpenNew();
  CommitPages(2);
  disk_.SetFreeSpace(kFreeSpaceReserve - 1);
  EXPECT_THAT(CommitNext(), StatusIs(absl::StatusCode::kResourceExhausted,
                                     AllOf(HasSubstr("63 MiB free"), HasSubstr("make room"))));
  ExpectNextPageIsAbsent(3);
  disk_.SetFreeSpace(kFreeSpaceReserve);
  CommitPages(1);
  EXPECT_OK(CheckPages(*store_, 3));
}

TEST_F(RocksDiskFault, AFullDiskUnderTheLogWritesNothingAndWorkGoesOnAfterwards) {
  OpenNew();
  CommitPages(3);
  disk_.FailAppends(".log", FaultyDisk::Full());
  for (int attempt = 0; attempt < 3; ++attempt) {
    EXPECT_THAT(CommitNext(), StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("make room")));
    ExpectNextPageIsAbsent(4);
  }
  EXPECT_GT(disk_.failures(), 0);
  disk_.Heal();
  CommitPages(5);
  ExpectACopyHolds(8);
  Open();
  EXPECT_EQ(store_->last_commit(), 9u);
  EXPECT_OK(CheckPages(*store_, 8));
}

TEST_F(RocksDiskFault, AFullDiskUnderTheTablesIsSurvivedToo) {
  write_buffer_bytes_ = 256 << 10;
  OpenNew();
  disk_.FailAppends(".sst", FaultyDisk::Full());
  absl::Status refused;
  for (int i = 0; i < 2000 && refused.ok(); ++i) {
    refused = CommitNext();
    if (refused.ok()) ++pages_;
  }
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("make room")));
  EXPECT_THAT(CommitNext(), StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("make room")));
  ExpectNextPageIsAbsent(pages_ + 1);
  disk_.Heal();
  CommitPages(20);
  Open();
  EXPECT_OK(CheckPages(*store_, pages_));
}

TEST_F(RocksDiskFault, AFailedSyncOfTheLogEndsTheStoreEvenWhenItSaysFull) {
  OpenNew();
  CommitPages(2);
  for (const rocksdb::IOStatus& error : {FaultyDisk::Full(), FaultyDisk::Broken()}) {
    disk_.FailSyncs(".log", error);
    EXPECT_THAT(CommitNext(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("start again")));
    EXPECT_EQ(store_->last_commit(), pages_ + 1);
    disk_.Heal();
    EXPECT_THAT(CommitNext(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("start again")))
        << "it must stay refused";
    Open();
    EXPECT_OK(CheckPages(*store_, pages_));
    // The page was never acknowledged: it is there as a whole or not at all.
    pages_ = store_->last_commit() - 1;
    EXPECT_OK(CheckPages(*store_, pages_));
  }
}

TEST_F(RocksDiskFault, ABrokenDiskUnderTheLogEndsTheStore) {
  OpenNew();
  CommitPages(2);
  disk_.FailAppends(".log", FaultyDisk::Broken());
  EXPECT_THAT(CommitNext(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("Input/output error")));
  disk_.Heal();
  EXPECT_THAT(CommitNext(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("Input/output error")));
  ExpectNextPageIsAbsent(3);
  Open();
  CommitPages(1);
  EXPECT_OK(CheckPages(*store_, 3));
}

TEST_F(RocksDiskFault, AMarkThatCannotBeWrittenEndsTheStoreAndTheCommitIsFoundAgain) {
  OpenNew();
  CommitPages(2);
  for (const bool sync : {false, true}) {
    sync ? disk_.FailSyncs("commit-mark", FaultyDisk::Broken())
         : disk_.FailAppends("commit-mark", FaultyDisk::Full());
    EXPECT_THAT(CommitNext(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("written but not marked")));
    disk_.Heal();
    EXPECT_THAT(CommitNext(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("not marked")));
    Open();
    ++pages_;
    EXPECT_EQ(store_->last_commit(), pages_ + 1);
    EXPECT_OK(CheckPages(*store_, pages_));
  }
}

TEST_F(RocksDiskFault, AStartOnABrokenDiskFailsAndHarmsNothing) {
  OpenNew();
  CommitPages(2);
  store_.reset();
  disk_.FailSyncs(".log", FaultyDisk::Broken());
  EXPECT_THAT(TryOpen(path()), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("Input/output error")));
  disk_.Heal();
  disk_.FailAppends("commit-mark", FaultyDisk::Full());
  EXPECT_THAT(TryOpen(path()), StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("commit mark")));
  disk_.Heal();
  Open();
  EXPECT_OK(CheckPages(*store_, 2));
}

}  // namespace
}  // namespace penstock::store
