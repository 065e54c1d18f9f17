// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"
#include "coordinator/limits.h"
#include "tests/coordinator/coordinator_fixture.h"

namespace penstock::coordinator {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Permits : public CoordinatorFixture {
 protected:
  void SetUp() override {
    Backfill();
    leases_ = Lease("a");
    ASSERT_FALSE(leases_.empty());
  }
  std::vector<v1::FetchAssignment> leases_;
};

TEST_F(Permits, APermitIsDurableBeforeItIsGiven) {
  const uint64_t before = store_->last_commit();
  absl::StatusOr<v1::AcquirePermitResponse> response = AskPermit(leases_[0], "r1");
  ASSERT_OK(response);
  EXPECT_EQ(response->permit().number(), 1u);
  EXPECT_EQ(store_->last_commit(), before + 1);
  Start();
  EXPECT_EQ(core_->state().BudgetOf(1).Used(clock_.Now()), 1u);
}

TEST_F(Permits, ARepeatedRequestGetsTheSamePermitAndLessTime) {
  const auto first = AskPermit(leases_[0], "r1");
  clock_.Advance(absl::Milliseconds(700));
  const auto again = AskPermit(leases_[0], "r1");
  EXPECT_EQ(again->permit().number(), first->permit().number());
  EXPECT_EQ(FromProto(again->permit().held_back()), -absl::Milliseconds(700));
  EXPECT_NE(AskPermit(leases_[0], "r2")->permit().number(), first->permit().number());
}

TEST_F(Permits, ThePermitOfTheNextPageRidesInTheCommitOfThisOne) {
  const auto first = AskPermit(leases_[0], "r1");
  v1::PageHeader header = Header(leases_[0], 0, "https://api.example.com/export/v1/records/next");
  header.mutable_permit()->set_number(first->permit().number());
  ASSERT_OK(workers_->CommitPage(header, {}, {}));
  const uint64_t commit = store_->last_commit();
  const auto second = AskPermit(leases_[0], "r2");
  EXPECT_EQ(second->permit().number(), first->permit().number() + 1);
  EXPECT_EQ(store_->last_commit(), commit);
  Start();
  EXPECT_EQ(core_->state().BudgetOf(1).Used(clock_.Now()), 2u);
}

TEST_F(Permits, WhoeverWaitsIsToldForWhat) {
  for (uint32_t i = 0; i < kBurst; ++i)
    ASSERT_TRUE(AskPermit(leases_[0], "r" + std::to_string(i))->has_permit());
  const auto waiting = AskPermit(leases_[0], "one too many");
  ASSERT_OK(waiting);
  EXPECT_THAT(waiting->wait().why(), HasSubstr("waiting for budget, 0 ahead, 1 s"));
}

TEST_F(Permits, NoPermitWithoutALease) {
  clock_.Advance(kLease);
  EXPECT_THAT(AskPermit(leases_[0], "r"), StatusIs(absl::StatusCode::kAborted, HasSubstr("lease")));
  v1::FetchAssignment forged = leases_[0];
  forged.mutable_token()->set_counter(4711);
  EXPECT_THAT(AskPermit(forged, "r"), StatusIs(absl::StatusCode::kAborted, HasSubstr("lease")));
}

TEST_F(Permits, ADiskThatIsFullGivesNoPermit) {
  KeptStore::refuse_commits = absl::ResourceExhaustedError("disk full");
  EXPECT_THAT(AskPermit(leases_[0], "r"),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("disk full")));
  KeptStore::refuse_commits = absl::OkStatus();
  EXPECT_TRUE(AskPermit(leases_[0], "r")->has_permit());
}

TEST_F(Permits, ARefusalByTheSourceIsSeenInTheBudget) {
  const auto permit = AskPermit(leases_[0], "r");
  v1::ReportPermitRequest request;
  request.set_source(kSource);
  request.mutable_report()->set_number(permit->permit().number());
  request.mutable_report()->set_fate(v1::ANSWERED);
  request.mutable_report()->set_http_status(429);
  ASSERT_OK(workers_->ReportPermit(request));
  const v1::Budget budget = *admin_->GetBudget({});
  EXPECT_EQ(budget.refusals(), 1u);
  EXPECT_TRUE(budget.has_paused_until());
  EXPECT_THAT(AskPermit(leases_[0], "s")->wait().why(), HasSubstr("the source asked to wait"));
}

TEST_F(Permits, ASourceThatRefusesEverythingRaisesTheAlarm) {
  SetUpLog(LogLevel::kInfo, LogFormat::kText);
  v1::ReportPermitRequest request;
  request.set_source(kSource);
  request.mutable_report()->set_fate(v1::ANSWERED);
  request.mutable_report()->set_http_status(429);
  std::string log;
  for (uint32_t limit : {42, 29, 20, 14, 9, 6, 4, 2, 1, 1}) {
    EXPECT_THAT(log, Not(HasSubstr("ALARM"))) << limit;
    ::testing::internal::CaptureStderr();
    ASSERT_OK(workers_->ReportPermit(request));
    log = ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(admin_->GetBudget({})->current_limit(), limit);
    if (limit == 1) break;
    clock_.Advance(kPauseDefault + kPauseJitterMax);
  }
  EXPECT_THAT(log, AllOf(HasSubstr(" E ALARM: the source refuses every request"), HasSubstr("source=acme"),
                         HasSubstr("status=429")));
}

TEST_F(Permits, AClosingCoordinatorLetsNobodyWait) {
  for (uint32_t i = 0; i < kBurst; ++i)
    ASSERT_TRUE(AskPermit(leases_[0], "r" + std::to_string(i))->has_permit());
  core_->Close();
  EXPECT_THAT(AskPermit(leases_[0], "late"), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("stops")));
}

}  // namespace
}  // namespace penstock::coordinator
