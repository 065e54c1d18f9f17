// SPDX-License-Identifier: Apache-2.0
// The thread that makes backups, and a state directory that is made from one.
#include "coordinator/restore.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "coordinator/backup_shell.h"
#include "coordinator/forget_key.h"
#include "coordinator/limits.h"
#include "store/rocks_store.h"
#include "tests/coordinator/coordinator_fixture.h"
#include "tests/fakes/await.h"
#include "tests/store/store_builders.h"

namespace penstock::coordinator {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kStamp[] = "2026-02-25T06:00:00.000Z";

// A coordinator on a store on disk, whose backups lie beside it.
class RestoreTest : public CoordinatorFixture {
 protected:
  RestoreTest() {
    std::filesystem::create_directories(folder_.path());
    Open(state_);
  }
  // The store lies in folder_, which goes before the fixture's own members do.
  ~RestoreTest() override { Close(); }
  void Close() {
    shell_.reset();
    workers_.reset();
    admin_.reset();
    core_.reset();
  }
  void Open(const std::string& state) {
    Close();
    store::RocksStoreOptions store;
    store.directory = state;
    CoreOptions options = Options();
    options.backup.directory = backups_;
    ASSERT_OK_AND_ASSIGN(auto opened, store::OpenRocksStore(store, clock_, random_));
    ASSERT_OK_AND_ASSIGN(core_, Core::Open(std::move(opened), clock_, random_, options));
    workers_ = std::make_unique<WorkerDesk>(*core_);
    admin_ = std::make_unique<AdminDesk>(*core_, "test");
    shell_ = std::make_unique<BackupShell>(*core_);
  }
  v1::BackupRun BackUp() {
    EXPECT_OK(admin_->CreateBackup({}));
    EXPECT_TRUE(AwaitRun());
    return core_->backups().run;
  }
  bool AwaitRun() {
    return Await([&] {
      shell_->Tick();
      const Core::Turn turn = core_->Enter();
      return core_->backups().run.state() != v1::BackupRun::RUNNING;
    });
  }
  absl::StatusOr<Restored> Restore() {
    Close();
    return RestoreState({backups_, std::nullopt, restored_}, clock_, random_);
  }

  store::TestDirectory folder_;
  std::string state_ = folder_.path() + "/state", backups_ = folder_.path() + "/backups",
              restored_ = folder_.path() + "/restored";
  std::unique_ptr<BackupShell> shell_;
};

TEST_F(RestoreTest, NoLeasePermitOrPositionOfTheLostStoreIsHonoured) {
  Backfill();
  const std::vector<v1::FetchAssignment> leases = Lease("old");
  ASSERT_FALSE(leases.empty());
  ASSERT_OK(CommitPage(leases[0], 0, "next", {Row("a", kStamp)}));
  ASSERT_EQ(BackUp().state(), v1::BackupRun::DONE);
  // The store goes on after the backup: more pages, and permits that it knows nothing of.
  ASSERT_OK(CommitPage(leases[0], 1, "next", {Row("b", kStamp)}));
  ASSERT_OK_AND_ASSIGN(const v1::AcquirePermitResponse lost, AskPermit(leases[0], "one"));
  ASSERT_TRUE(lost.has_permit());
  v1::SyncRequest sync = SyncRequest("old", leases);
  *sync.mutable_seen() = workers_->Sync(sync)->store();

  ASSERT_OK_AND_ASSIGN(const Restored restored, Restore());
  EXPECT_EQ(restored.windows, leases.size());
  Open(restored_);
  EXPECT_EQ(core_->store().store_id(), restored.store_id);
  // Its worker remembers another store.
  EXPECT_THAT(workers_->Sync(sync),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("restart the worker if the store was replaced on purpose")));
  // Its leases are nobody's.
  EXPECT_THAT(CommitPage(leases[0], 1, "next", {Row("b", kStamp)}),
              StatusIs(absl::StatusCode::kAborted, HasSubstr("this lease has ended")));
  EXPECT_THAT(AskPermit(leases[0], "two"),
              StatusIs(absl::StatusCode::kAborted, HasSubstr("this lease has ended")));
  // Its permits give nothing back: every slot counts as used, and none of the numbers is known here.
  v1::ReportPermitRequest report;
  report.set_source(kSource);
  report.mutable_report()->set_number(lost.permit().number());
  report.mutable_report()->set_fate(v1::NEVER_SENT);
  EXPECT_OK(workers_->ReportPermit(report));
  EXPECT_EQ(admin_->GetBudget({})->used(), 60u);
  clock_.Advance(absl::Seconds(68));
  const std::vector<v1::FetchAssignment> fresh = Lease("new");
  ASSERT_THAT(fresh, SizeIs(leases.size()));
  ASSERT_EQ(fresh[0].window(), leases[0].window());
  EXPECT_GT(fresh[0].token().epoch(), leases[0].token().epoch());
  ASSERT_OK_AND_ASSIGN(const v1::AcquirePermitResponse permit, AskPermit(fresh[0], "three"));
  EXPECT_GT(permit.permit().number(), lost.permit().number() + 1'000'000);
  EXPECT_OK(workers_->ReportPermit(report));
  EXPECT_EQ(admin_->GetBudget({})->used(), 1u)
      << "the report of the lost permit gave back another one's slot";
  // The window goes on behind the page that the backup holds.
  EXPECT_EQ(fresh[0].page(), 1u);
  EXPECT_OK(CommitPage(fresh[0], 1, "", {Row("b", kStamp)}));
}

TEST_F(RestoreTest, PeopleWhoWereForgottenStayForgottenUnderTheKeyThatIsWithTheBackups) {
  v1::ForgetRequest forget;
  forget.add_users("77");
  ASSERT_OK(admin_->Forget(forget));
  ASSERT_EQ(BackUp().state(), v1::BackupRun::DONE);
  ASSERT_OK_AND_ASSIGN(const Restored restored, Restore());
  EXPECT_EQ(restored.erasures, 1u);
  ASSERT_OK_AND_ASSIGN(const ForgetKey key, OpenForgetKey(restored_));
  EXPECT_FALSE(key.made);
  EXPECT_EQ(key.bytes, Options().forget_key);
  Open(restored_);
  EXPECT_EQ(admin_->ListErasures({})->erasures_size(), 1);
}

TEST_F(RestoreTest, WithoutThatKeyNothingIsRestored) {
  v1::ForgetRequest forget;
  forget.add_users("77");
  ASSERT_OK(admin_->Forget(forget));
  ASSERT_EQ(BackUp().state(), v1::BackupRun::DONE);
  std::filesystem::remove(backups_ + "/forget-key");
  EXPECT_THAT(Restore(), StatusIs(absl::StatusCode::kFailedPrecondition,
                                  HasSubstr(backups_ + "/forget-key is missing")));
  EXPECT_FALSE(std::filesystem::exists(restored_ + "/db"));
}

TEST_F(RestoreTest, AnErasureSaysHowManyBackupsMayHoldThePerson) {
  v1::ForgetRequest forget;
  forget.add_users("77");
  ASSERT_EQ(BackUp().state(), v1::BackupRun::DONE);
  EXPECT_EQ(admin_->Forget(forget)->backups(), 1u);
}

TEST_F(RestoreTest, ADirectoryOfAnotherStateIsNotWrittenTo) {
  std::filesystem::create_directories(backups_);
  ASSERT_OK(SaveForgetKey(backups_, {std::string(kHashKeyBytes, 'x'), true}));
  const v1::BackupRun run = BackUp();
  EXPECT_EQ(run.state(), v1::BackupRun::FAILED);
  EXPECT_THAT(run.failure(), HasSubstr("holds the backups of another state directory"));
  EXPECT_TRUE(admin_->ListBackups({})->backups().empty());
}

TEST_F(RestoreTest, ABackupIsListedWithItsSizeAndAfterARestart) {
  const v1::BackupRun run = BackUp();
  ASSERT_EQ(run.state(), v1::BackupRun::DONE);
  EXPECT_EQ(run.backup().store_id(), core_->store().store_id());
  EXPECT_GT(run.backup().bytes(), 0u);
  Open(state_);
  ASSERT_TRUE(Await([&] {
    shell_->Tick();
    const Core::Turn turn = core_->Enter();
    return core_->backups().listed;
  }));
  ASSERT_OK_AND_ASSIGN(const v1::ListBackupsResponse list, admin_->ListBackups({}));
  ASSERT_EQ(list.backups_size(), 1);
  EXPECT_EQ(list.backups(0).DebugString(), run.backup().DebugString());
  EXPECT_EQ(list.directory(), backups_);
}

TEST_F(RestoreTest, AVolumeThatIsGoneIsToldAndTriedAgain) {
  backups_ = folder_.path() + "/not_mounted/backups";
  Open(state_);
  const v1::BackupRun run = BackUp();
  EXPECT_EQ(run.state(), v1::BackupRun::FAILED);
  EXPECT_THAT(run.failure(), HasSubstr("is its volume mounted?"));
  EXPECT_THAT(admin_->ListBackups({}),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("is its volume mounted?")));
  std::filesystem::create_directories(folder_.path() + "/not_mounted");
  EXPECT_EQ(BackUp().state(), v1::BackupRun::DONE);
}

}  // namespace
}  // namespace penstock::coordinator
