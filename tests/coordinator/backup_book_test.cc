// SPDX-License-Identifier: Apache-2.0
#include "coordinator/backup_book.h"

#include <gmock/gmock.h>

#include "base/instant.h"
#include "coordinator/limits.h"
#include "tests/coordinator/coordinator_fixture.h"

namespace penstock::coordinator {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

absl::Time At(const std::string& text) { return *ParseDate(text); }

class BackupBookTest : public ::testing::Test {
 protected:
  BackupBookTest() {
    settings_.directory = "/backup";
    settings_.keep = 3;
    settings_.every = absl::Hours(24);
    book_.listed = true;
    now_ = {At("2026-03-31T06:00:00Z"), absl::Hours(5)};
  }
  store::Backup& Add(const std::string& taken) {
    store::Backup backup;
    backup.number = static_cast<uint32_t>(book_.backups.size()) + 1;
    backup.taken = At(taken);
    backup.store_id = "mine";
    return book_.backups.emplace_back(backup);
  }
  bool Due() { return IsBackupDue(settings_, book_, "mine", now_); }

  BackupSettings settings_;
  BackupBook book_;
  Moment now_;
};

TEST_F(BackupBookTest, OneIsDueWhenTheNewestIsADayOld) {
  EXPECT_TRUE(Due()) << "there is none";
  Add("2026-03-29T06:00:00Z");
  EXPECT_TRUE(Due());
  Add("2026-03-30T06:00:01Z");
  EXPECT_FALSE(Due());
  now_.wall += absl::Seconds(1);
  EXPECT_TRUE(Due());
}

TEST_F(BackupBookTest, ADamagedOneAndOneOfAnotherStoreDoNotCount) {
  Add("2026-03-31T05:00:00Z").damage = "files are missing";
  Add("2026-03-31T05:30:00Z").store_id = "lost";
  EXPECT_EQ(NewestOf(book_, "mine"), nullptr);
  EXPECT_TRUE(Due());
}

TEST_F(BackupBookTest, NothingIsDueBeforeTheDirectoryWasReadOrSoonAfterAFailure) {
  book_.listed = false;
  EXPECT_FALSE(Due());
  book_.listed = true;
  book_.next_try = now_.boot + absl::Seconds(1);
  EXPECT_FALSE(Due());
  now_.boot += absl::Seconds(1);
  EXPECT_TRUE(Due());
}

TEST_F(BackupBookTest, NothingIsDueWithoutAScheduleOrInAProcessThatLeavesItToOthers) {
  settings_.by_schedule = false;
  EXPECT_FALSE(Due());
  settings_.by_schedule = true;
  settings_.every = absl::ZeroDuration();
  EXPECT_FALSE(Due());
}

TEST_F(BackupBookTest, AClockThatWasPutBackDoesNotPutBackupsOffForYears) {
  Add("2031-03-31T06:00:00Z");
  EXPECT_TRUE(Due());
}

TEST_F(BackupBookTest, SaysUntilWhenBackupsHoldWhatWasErased) {
  Add("2026-03-28T06:00:00Z");
  Add("2026-03-29T06:00:00Z");
  Add("2026-03-30T06:00:00Z");
  // Erased after the second one: that goes when two more were made beside the third.
  const BackupsLeft left = BackupsHolding(settings_, book_, At("2026-03-29T12:00:00Z"));
  EXPECT_EQ(left.backups, 2u);
  EXPECT_EQ(left.gone, At("2026-04-01T06:00:00Z"));
  // Before the first one: nothing holds it.
  EXPECT_EQ(BackupsHolding(settings_, book_, At("2026-03-28T06:00:00Z")).backups, 0u);
  // Not erased yet: all hold it, nobody knows how long.
  const BackupsLeft all = BackupsHolding(settings_, book_, absl::InfiniteFuture());
  EXPECT_EQ(all.backups, 3u);
  EXPECT_EQ(all.gone, absl::InfiniteFuture());
  settings_.every = absl::ZeroDuration();
  EXPECT_EQ(BackupsHolding(settings_, book_, At("2026-03-29T12:00:00Z")).gone, absl::InfiniteFuture());
}

class BackupDesk : public CoordinatorFixture {
 protected:
  void StartWithDirectory() {
    CoreOptions options = Options();
    options.backup.directory = "/backup";
    options.backup.every = absl::Hours(24);
    Start(options);
    core_->backups().listed = true;
  }
};

TEST_F(BackupDesk, WithoutADirectoryNobodyIsServed) {
  EXPECT_THAT(admin_->CreateBackup({}),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("give its configuration a 'backup' with a 'dir'")));
  EXPECT_EQ(admin_->ListBackups({})->directory(), "");
}

TEST_F(BackupDesk, OneThatIsMadeIsAnsweredAndNoOtherBegun) {
  StartWithDirectory();
  v1::CreateBackupRequest request;
  request.set_requested_by("alice");
  ASSERT_OK_AND_ASSIGN(const v1::BackupRun run, admin_->CreateBackup(request));
  EXPECT_EQ(run.number(), 1u);
  EXPECT_EQ(run.state(), v1::BackupRun::RUNNING);
  request.set_requested_by("bob");
  ASSERT_OK_AND_ASSIGN(const v1::BackupRun again, admin_->CreateBackup(request));
  EXPECT_EQ(again.number(), 1u);
  EXPECT_EQ(again.requested_by(), "alice");
  core_->backups().run.set_state(v1::BackupRun::FAILED);
  EXPECT_EQ(admin_->CreateBackup(request)->number(), 2u);
}

TEST_F(BackupDesk, AListThatIsNotKnownIsNoEmptyOne) {
  StartWithDirectory();
  EXPECT_TRUE(admin_->ListBackups({})->backups().empty());
  core_->backups().listed = false;
  core_->backups().trouble = "there is no directory /backup";
  EXPECT_THAT(admin_->ListBackups({}),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("there is no directory /backup")));
}

// A store that was restored: BudgetRecord::all_used.
class AfterARestore : public CoordinatorFixture {
 protected:
  AfterARestore() {
    storage::BudgetRecord budget;
    budget.set_source(1);
    budget.set_last_permit(1'000'100);
    budget.set_skipped(1'000'000);
    budget.set_all_used(true);
    store::Batch batch;
    batch.records.push_back(budget);
    EXPECT_OK(store_->Commit(std::move(batch)));
    Start();
  }
  v1::Budget Budget() { return *admin_->GetBudget({}); }
};

TEST_F(AfterARestore, EverySlotCountsAsUsedUntilNothingOfTheLostStoreCanArrive) {
  EXPECT_EQ(Budget().used(), 60u);
  EXPECT_EQ(Budget().users_used(), 30u);
  Backfill({Endpoint::kConversations});
  clock_.Advance(kSendWithin + kSendTimeMax + kBudgetWindow);
  EXPECT_EQ(Budget().used(), 60u);
  clock_.Advance(kBudgetMargin);
  EXPECT_EQ(Budget().used(), 0u);
  EXPECT_EQ(Budget().users_used(), 0u);
}

TEST_F(AfterARestore, AnotherStartInTheSameBootDoesNotWaitAnew) {
  clock_.Advance(absl::Seconds(30));
  Start();
  EXPECT_EQ(Budget().used(), 60u);
  clock_.Advance(absl::Seconds(38));
  EXPECT_EQ(Budget().used(), 0u);
  Start();
  EXPECT_EQ(Budget().used(), 0u);
}

TEST_F(AfterARestore, NumbersOfPermitsThatNobodyHadAreNotCounted) {
  EXPECT_EQ(Budget().permits(), 100u);
  clock_.Advance(absl::Seconds(68));
  Backfill({Endpoint::kConversations});
  const std::vector<v1::FetchAssignment> leases = Lease("a");
  ASSERT_FALSE(leases.empty());
  ASSERT_OK_AND_ASSIGN(const v1::AcquirePermitResponse answer, AskPermit(leases.front(), "one"));
  EXPECT_GT(answer.permit().number(), 1'000'100u);
  EXPECT_GT(Budget().permits(), 100u);
  EXPECT_LT(Budget().permits(), 200u);
}

}  // namespace
}  // namespace penstock::coordinator
