// SPDX-License-Identifier: Apache-2.0
#include "coordinator/planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "base/endpoint.h"
#include "base/instant.h"
#include "coordinator/progress.h"
#include "proto/convert.h"

namespace penstock::coordinator {
namespace {

using storage::JobRecord;
using storage::WindowRecord;

const absl::Time kNow = *ParseDate("2026-03-31");
constexpr absl::Duration kRetention = absl::Hours(24 * 30);

JobRecord NewJob(std::optional<absl::Time> from, std::optional<absl::Time> to) {
  JobRecord job;
  job.set_number(1);
  job.set_source(1);
  job.set_state(JobRecord::RUNNING);
  for (Endpoint endpoint : kAllEndpoints) job.add_endpoints(static_cast<int>(endpoint));
  if (from) *job.mutable_from() = ToProto(*from);
  if (to) *job.mutable_to() = ToProto(*to);
  *job.mutable_created() = ToProto(kNow);
  return job;
}

RangePlan Plan(uint64_t records) {
  RangePlan plan;
  plan.records = records;
  plan.page_records = 500;
  plan.retention = kRetention;
  plan.job_time = absl::Hours(1);
  return plan;
}

TEST(Planner, AnEndpointsWindowsAreExactlyTheRangeAndDisjoint) {
  const std::vector<std::optional<absl::Time>> ends = {std::nullopt,
                                                       *ParseDate("2025-08-01"),
                                                       *ParseDate("2026-03-01"),
                                                       *ParseStamp("2026-03-10T11:12:13.456Z"),
                                                       *ParseDate("2026-03-31"),
                                                       *ParseDate("2026-05-01")};
  for (const auto& from : ends) {
    for (const auto& to : ends) {
      if (from && to && *from >= *to) continue;
      for (Endpoint endpoint : kAllEndpoints) {
        if (endpoint == Endpoint::kUsers) continue;
        const auto mine =
            PlanRange(NewJob(from, to), static_cast<int>(endpoint), 1001, Plan(1'000'000), kNow);
        ASSERT_FALSE(mine.empty());
        EXPECT_EQ(OptionalTime(mine.front().has_to(), mine.front().to()), to);
        EXPECT_EQ(OptionalTime(mine.back().has_from(), mine.back().from()), from);
        uint64_t expected = 0;
        for (size_t i = 0; i < mine.size(); ++i) {
          expected += mine[i].expected();
          if (mine[i].has_from() && mine[i].has_to()) {
            EXPECT_LT(FromProto(mine[i].from()), FromProto(mine[i].to()));
          }
          if (i > 0) {
            EXPECT_EQ(FromProto(mine[i].to()), FromProto(mine[i - 1].from()));
          }
        }
        EXPECT_EQ(expected, 1'000'000u);
      }
    }
  }
}

TEST(Planner, WhatTheSourceForgetsFirstIsAWindowOfItsOwnWhenTheJobIsLong) {
  const auto windows =
      PlanRange(NewJob({}, {}), static_cast<int>(Endpoint::kConversations), 1, Plan(50'000), kNow);
  ASSERT_EQ(windows.size(), 2u);
  EXPECT_TRUE(windows[1].deadline());
  EXPECT_EQ(FromProto(windows[1].to()),
            kNow - kRetention + absl::Hours(2));  // 1.5 x the job, and half an hour
  EXPECT_NEAR(windows[1].expected(), 50'000 * 2 / (30 * 24), 1);
  EXPECT_EQ(
      PlanRange(NewJob({}, {}), static_cast<int>(Endpoint::kConversations), 1, Plan(9'999), kNow).size(), 1u);
}

TEST(Planner, UsersAreOneRosterWithoutBounds) {
  const JobRecord job = NewJob(*ParseDate("2026-03-01"), *ParseDate("2026-03-02"));
  const auto windows = PlanRange(job, static_cast<int>(Endpoint::kUsers), 1001, Plan(100'000), kNow);
  ASSERT_EQ(windows.size(), 1u);
  EXPECT_FALSE(windows[0].has_from() || windows[0].has_to());
}

TEST(Planner, AServerWithoutFilterIsReadWhole) {
  RangePlan plan = Plan(100'000);
  plan.no_filter = true;
  const JobRecord job = NewJob(*ParseDate("2026-03-01"), *ParseDate("2026-03-02"));
  const auto windows = PlanRange(job, static_cast<int>(Endpoint::kInteractions), 1001, plan, kNow);
  ASSERT_EQ(windows.size(), 1u);
  EXPECT_FALSE(windows[0].has_from() || windows[0].has_to());
}

TEST(Planner, AJobBeginsWithOneCountAnEndpoint) {
  const auto probes = PlanProbes(NewJob(*ParseDate("2026-03-01"), {}), 1001);
  ASSERT_EQ(probes.size(), kAllEndpoints.size());
  for (size_t i = 0; i < probes.size(); ++i) {
    EXPECT_EQ(probes[i].number(), 1001 + i);
    EXPECT_EQ(probes[i].purpose(), WindowRecord::PROBE);
    EXPECT_EQ(probes[i].has_from(), probes[i].endpoint() != static_cast<int>(Endpoint::kUsers));
  }
}

TEST(Planner, AnAuditCountsEveryDayOnceAndTheRosterOnce) {
  JobRecord job = NewJob({}, {});
  job.clear_endpoints();
  job.add_endpoints(static_cast<int>(Endpoint::kUsers));
  job.add_endpoints(static_cast<int>(Endpoint::kConversations));
  const auto windows =
      PlanAudit(job, 1, *ParseStamp("2026-03-01T06:00:00.000Z"), *ParseStamp("2026-03-03T01:00:00.000Z"));
  ASSERT_EQ(windows.size(), 4u);
  EXPECT_FALSE(windows[0].has_from());
  EXPECT_EQ(FromProto(windows[1].from()), *ParseStamp("2026-03-01T06:00:00.000Z"));
  EXPECT_EQ(FromProto(windows[2].from()), *ParseDate("2026-03-02"));
  EXPECT_EQ(FromProto(windows[3].to()), *ParseStamp("2026-03-03T01:00:00.000Z"));
}

TEST(Progress, CountsRequestsSpentAndLeft) {
  State state("boot", absl::ZeroDuration());
  storage::SourceRecord source;
  source.set_id(1);
  state.Apply(source, {});
  JobRecord job = NewJob({}, {});
  job.set_kind(JobRecord::BACKFILL);
  job.clear_endpoints();
  job.add_endpoints(static_cast<int>(Endpoint::kUsers));
  WindowRecord window;
  window.set_endpoint(static_cast<int>(Endpoint::kUsers));
  window.set_state(WindowRecord::LEASED);
  window.set_purpose(WindowRecord::RANGE);
  EXPECT_FALSE(Measure(state, job, {&window}, kNow).sized);
  window.set_expected(2000);
  EXPECT_EQ(Measure(state, job, {&window}, kNow).left, 4u + 1u + 1u);  // closing pass and confirmation too
  window.set_next_page(2);
  window.set_pages(2);
  window.set_chain_records(2400);
  window.set_chain_fetched(1000);
  const Progress progress = Measure(state, job, {&window}, kNow);
  EXPECT_TRUE(progress.sized);
  EXPECT_EQ(progress.spent, 2u);
  EXPECT_EQ(progress.left, 3u + 1u + 1u);
  window.set_state(WindowRecord::DONE);
  EXPECT_EQ(Measure(state, job, {&window}, kNow).left, 2u);
}

}  // namespace
}  // namespace penstock::coordinator
