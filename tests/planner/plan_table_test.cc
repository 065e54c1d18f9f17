// SPDX-License-Identifier: Apache-2.0
// What a plan costs, in virtual time: the figures that the planner promises, and beside them what other ways
// of cutting the same work cost.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "base/instant.h"
#include "proto/convert.h"
#include "tests/planner/baseline.h"
#include "tests/planner/virtual_run.h"

namespace penstock {
namespace {

constexpr uint64_t kPage = 500;
constexpr uint64_t kSeed = 20261122;
const absl::Time kNow = FakeClock().Now().wall;

const Tenant& BusyTenant() {
  static const Tenant* const kTenant = new Tenant(Tenant::Busy(kNow, 30, 1'700'000, kSeed));
  return *kTenant;
}

uint64_t IdealRequests(const Tenant& tenant) {
  uint64_t pages = 0;
  for (Endpoint endpoint : kAllEndpoints) pages += (tenant.Records(endpoint) + kPage - 1) / kPage;
  return pages;
}

double Minutes(absl::Duration duration) { return absl::ToDoubleMinutes(duration); }

void PrintLine(const char* way, Latency latency, uint64_t requests, uint64_t ideal, absl::Duration takes) {
  std::printf(
      "%-28s %5.1f s %5.1f s %8llu %7.3f %9.1f min %6.3f\n", way, absl::ToDoubleSeconds(latency.first_byte),
      absl::ToDoubleSeconds(latency.body), static_cast<unsigned long long>(requests),
      static_cast<double>(requests) / static_cast<double>(ideal), Minutes(takes),
      absl::FDivDuration(takes, static_cast<double>(ideal) * (absl::Seconds(60) + latency.first_byte) / 60));
}

class PlanTable : public ::testing::TestWithParam<Latency> {};

TEST_P(PlanTable, ABackfillSpendsHardlyMoreThanItsPagesAndKeepsTheBudgetBusy) {
  const Latency latency = GetParam();
  const Tenant& tenant = BusyTenant();
  const uint64_t ideal = IdealRequests(tenant);
  std::printf("%-28s %7s %7s %8s %7s %13s %6s\n", "way", "1st byte", "body", "requests", "x pages",
              "makespan", "x best");
  for (const Baseline& way : Baselines(tenant, kNow)) {
    const BaselineCost cost = Cost(way, latency);
    PrintLine(way.name, latency, cost.requests, ideal, cost.makespan);
  }

  VirtualRun run(tenant, latency, 32);
  const v1::Job job = run.Backfill();
  std::vector<std::pair<absl::Duration, absl::Duration>> guesses;  // when, time left
  run.after_commit = [&] {
    if (run.spent().requests % 50 != 0) return;
    const v1::Job now = run.Job(job.number());
    if (now.progress() >= 0.1 && now.has_time_left()) {
      guesses.emplace_back(run.Elapsed(), FromProto(now.time_left()));
    }
  };
  ASSERT_TRUE(run.Finish(job));
  const absl::Duration makespan = run.Elapsed();
  PrintLine("penstock", latency, run.spent().requests, ideal, makespan);
  const std::vector<v1::Window> windows = run.Windows(job.number());
  std::printf("penstock: %zu windows, %llu counts, %llu closing, %llu pages of nothing new\n", windows.size(),
              static_cast<unsigned long long>(run.spent().counts),
              static_cast<unsigned long long>(run.spent().closing),
              static_cast<unsigned long long>(run.spent().nothing_new));

  EXPECT_TRUE(run.HasAll());
  const uint64_t requests = run.spent().requests - run.spent().closing;
  EXPECT_LE(requests, 1.03 * static_cast<double>(ideal) + 15);
  EXPECT_LE(makespan,
            1.05 * static_cast<double>(run.spent().requests) * (absl::Seconds(60) + latency.first_byte) / 60);
  ASSERT_FALSE(guesses.empty());
  const auto [when, left] = guesses.front();
  const double error = std::abs(absl::FDivDuration(left, makespan - when) - 1);
  std::printf("time left at %.1f min: said %.1f min, was %.1f min (%.1f %% off)\n", Minutes(when),
              Minutes(left), Minutes(makespan - when), error * 100);
  EXPECT_LE(error, 0.05);
}

TEST_P(PlanTable, ThePlanIsRightToWithinOneRequestAWindow) {
  const Latency latency = GetParam();
  VirtualRun run(BusyTenant(), latency, 32);
  const absl::StatusOr<v1::Job> plan_job = run.admin().CreatePlan({});
  ASSERT_TRUE(plan_job.ok());
  ASSERT_TRUE(run.Finish(*plan_job));
  EXPECT_EQ(run.spent().requests, 5u);
  v1::GetJobRequest request;
  request.set_number(plan_job->number());
  const v1::Plan plan = *run.admin().GetPlan(request);
  const absl::Duration planned = run.Elapsed();

  const v1::Job job = run.Backfill();
  ASSERT_TRUE(run.Finish(job));
  const uint64_t spent = run.spent().requests - 5;
  uint64_t read = 0;
  for (const v1::Window& window : run.Windows(job.number())) read += window.purpose() == "range";
  std::printf("plan: %llu requests, %u windows, %.1f min; spent: %llu requests, %llu windows, %.1f min\n",
              static_cast<unsigned long long>(plan.requests()), plan.windows(),
              Minutes(FromProto(plan.takes())), static_cast<unsigned long long>(spent),
              static_cast<unsigned long long>(read), Minutes(run.Elapsed() - planned));
  EXPECT_LE(std::abs(static_cast<double>(plan.requests()) - static_cast<double>(spent)),
            static_cast<double>(read));
}

INSTANTIATE_TEST_SUITE_P(Latencies, PlanTable,
                         ::testing::Values(Latency{absl::Milliseconds(200), absl::ZeroDuration()},
                                           Latency{absl::Seconds(1), absl::ZeroDuration()},
                                           Latency{absl::Seconds(4), absl::ZeroDuration()},
                                           Latency{absl::Seconds(1), absl::Seconds(14)}));

TEST(SparseYear, HardlyAnyPageBringsNothing) {
  const Tenant tenant = Tenant::Sparse(kNow, 300'000, 9, kSeed);
  for (const Latency latency :
       {Latency{absl::Seconds(1), absl::ZeroDuration()}, Latency{absl::Seconds(1), absl::Seconds(14)}}) {
    VirtualRun run(tenant, latency, 32);
    ASSERT_TRUE(run.Finish(run.Backfill(kNow - absl::Hours(24 * 365))));
    EXPECT_TRUE(run.HasAll());
    const uint64_t pages = run.spent().requests - run.spent().counts;
    const uint64_t nothing = run.spent().nothing_new + run.spent().closing;
    std::printf(
        "sparse year: %llu pages of %llu, %llu with nothing new, %llu counts\n",
        static_cast<unsigned long long>(pages), static_cast<unsigned long long>(IdealRequests(tenant)),
        static_cast<unsigned long long>(nothing), static_cast<unsigned long long>(run.spent().counts));
    EXPECT_LE(static_cast<double>(nothing), 0.05 * static_cast<double>(pages));
  }
}

}  // namespace
}  // namespace penstock
