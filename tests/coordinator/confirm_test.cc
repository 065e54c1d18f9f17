// SPDX-License-Identifier: Apache-2.0
#include "coordinator/limits.h"
#include "tests/coordinator/coordinator_fixture.h"

namespace penstock::coordinator {
namespace {

using ::testing::Each;

class Confirm : public CoordinatorFixture {
 protected:
  // Reads what is leased until the job asks how much there should be; `rows` come with the next page that is read.
  v1::FetchAssignment ReadUpToTheCount(std::vector<v1::Row> rows) {
    while (true) {
      const std::vector<v1::FetchAssignment> leases = Lease("w");
      EXPECT_EQ(leases.size(), 1u);
      if (leases.empty() || leases[0].kind() == v1::COUNT)
        return leases.empty() ? v1::FetchAssignment() : leases[0];
      EXPECT_OK(CommitPage(leases[0], leases[0].page(), "", std::move(rows)));
      rows.clear();
    }
  }
  std::vector<v1::DayState> OldDays() {
    v1::GetCoverageRequest request;
    *request.mutable_from() = ToProto(clock_.Now().wall - absl::Hours(24 * 20));
    *request.mutable_to() = ToProto(clock_.Now().wall - absl::Hours(24 * 10));
    const absl::StatusOr<v1::GetCoverageResponse> coverage = admin_->GetCoverage(request);
    EXPECT_OK(coverage);
    std::vector<v1::DayState> states;
    for (const v1::EndpointCoverage& endpoint : coverage->endpoints()) {
      if (endpoint.endpoint() != v1::CONVERSATIONS) continue;
      for (const v1::DayCoverage& day : endpoint.days()) states.push_back(day.state());
    }
    EXPECT_FALSE(states.empty());
    return states;
  }
  const v1::Row first_ = Row("a", "2026-02-20T10:00:00.000Z");
  const v1::Row missing_ = Row("b", "2026-02-20T11:00:00.000Z");
};

TEST_F(Confirm, WhatAShortfallBroughtIsCountedAgain) {
  const v1::Job job = Backfill({Endpoint::kConversations}, false, 2);
  EXPECT_OK(CommitCount(ReadUpToTheCount({first_}), 2));
  EXPECT_THAT(OldDays(), Each(v1::DAY_SUSPECT));
  const v1::FetchAssignment again = ReadUpToTheCount({missing_});
  EXPECT_EQ(Job(job).state(), v1::JOB_RUNNING);
  EXPECT_OK(CommitCount(again, 2));
  EXPECT_EQ(Job(job).state(), v1::JOB_DONE);
  EXPECT_EQ(Job(job).counts().inserted(), 2u);
}

TEST_F(Confirm, ARecordQuarantinedLongBeforeADayFillsNoGapOfIt) {
  Backfill({Endpoint::kConversations});
  v1::QuarantinedRecord odd;
  odd.set_raw("{}");
  odd.set_reason("it has no id");
  const v1::FetchAssignment range = Lease("w").at(0);
  ASSERT_OK(workers_->CommitPage(Header(range, 0, ""), {}, {odd}));
  FinishAll("w");
  clock_.Advance(absl::Hours(24 * 5));
  v1::CreateBackfillRequest audit;
  audit.add_endpoints(v1::CONVERSATIONS);
  *audit.mutable_from() = ToProto(clock_.Now().wall - absl::Hours(24 * 7));
  ASSERT_OK_AND_ASSIGN(const v1::Job job, admin_->CreateAudit(audit));
  for (const v1::FetchAssignment& day : Lease("w")) ASSERT_OK(CommitCount(day, 1));
  v1::GetJobRequest request;
  request.set_number(job.number());
  ASSERT_OK_AND_ASSIGN(const v1::Audit found, admin_->GetAudit(request));
  EXPECT_EQ(found.counts(), 8u);
  EXPECT_EQ(found.differences_size(), 5) << "it may lie in the days up to the one on which it came";
}

TEST_F(Confirm, ACountThatIsNeverReachedEndsAndLeavesTheDaysSuspect) {
  const v1::Job job = Backfill({Endpoint::kConversations}, false, 2);
  for (int confirm = 0; confirm < kConfirmsMax; ++confirm) {
    EXPECT_EQ(Job(job).state(), v1::JOB_RUNNING);
    EXPECT_OK(CommitCount(ReadUpToTheCount({first_}), 2));
  }
  EXPECT_EQ(Job(job).state(), v1::JOB_DONE);
  EXPECT_THAT(OldDays(), Each(v1::DAY_SUSPECT));
}

}  // namespace
}  // namespace penstock::coordinator
