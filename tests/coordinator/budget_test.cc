// SPDX-License-Identifier: Apache-2.0
#include "coordinator/budget/budget.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <vector>

#include "base/random.h"
#include "coordinator/limits.h"
#include "proto/convert.h"
#include "tests/fakes/fake_clock.h"

namespace penstock::coordinator {
namespace {

constexpr Endpoint kAny = Endpoint::kConversations;

// A budget with what its coordinator does around it: decide, make durable, apply.
class BudgetTest : public ::testing::Test {
 protected:
  explicit BudgetTest(BudgetLimits limits = {60, 30}) : limits_(limits) { Restart(); }

  void Restart() {
    budget_ = std::make_unique<Budget>(1, limits_, clock_.BootId(), clock_.Now().boot);
    for (const store::Record& record : disk_) Apply(record);
  }

  void Keep(const std::vector<store::Record>& records) {
    for (const store::Record& record : records) {
      disk_.push_back(record);
      Apply(record);
    }
  }

  void Apply(const store::Record& record) {
    if (const auto* slot = std::get_if<storage::SlotRecord>(&record)) budget_->Apply(*slot);
    if (const auto* state = std::get_if<storage::BudgetRecord>(&record)) budget_->Apply(*state, clock_.Now());
  }

  uint64_t Take(Endpoint endpoint = kAny) {
    std::optional<uint64_t> permit = budget_->TakeReserved(endpoint, clock_.Now());
    if (!permit.has_value()) {
      const Budget::Grant grant = budget_->DecideGrant(endpoint, clock_.Now());
      Keep(grant.records);
      permit = grant.permit;
    }
    budget_->Granted(endpoint, clock_.Now());
    return *permit;
  }
  // As with the commit of a page that brought `report`; 0: none.
  uint64_t Reserve(const v1::PermitReport& report = {}, Endpoint endpoint = kAny) {
    const Budget::Grant grant = budget_->DecideReserve(endpoint, report, clock_.Now());
    Keep(grant.records);
    if (grant.permit != 0) budget_->Reserved(grant.permit, clock_.Now());
    return grant.permit;
  }
  bool Ready(Endpoint endpoint = kAny) {
    return budget_->ReadyAt(endpoint, clock_.Now()) <= clock_.Now().boot;
  }
  void AdvanceUntilReady(Endpoint endpoint = kAny) {
    clock_.Advance(
        std::max(budget_->ReadyAt(endpoint, clock_.Now()) - clock_.Now().boot, absl::ZeroDuration()));
  }

  void Report(uint64_t permit, v1::PermitFate fate, int status = 200,
              absl::Duration first_byte_ago = absl::ZeroDuration()) {
    v1::PermitReport report;
    report.set_number(permit);
    report.set_fate(fate);
    report.set_http_status(status);
    *report.mutable_first_byte_ago() = ToProto(first_byte_ago);
    Keep(budget_->DecideReport(report, clock_.Now(), /*jitter=*/0));
  }

  BudgetLimits limits_;
  FakeClock clock_;
  std::vector<store::Record> disk_;
  std::unique_ptr<Budget> budget_;
};

TEST_F(BudgetTest, ABurstOfFiveAndThenOnePerSecond) {
  for (uint32_t i = 0; i < kBurst; ++i) {
    EXPECT_TRUE(Ready());
    Take();
  }
  EXPECT_FALSE(Ready());
  clock_.Advance(absl::Seconds(1) - absl::Nanoseconds(1));
  EXPECT_FALSE(Ready());
  clock_.Advance(absl::Nanoseconds(1));
  EXPECT_TRUE(Ready());
}

TEST_F(BudgetTest, WhoHadToWaitForASlotHasEarnedNoBurst) {
  for (int i = 0; i < 60; ++i) {
    AdvanceUntilReady();
    Report(Take(), v1::ANSWERED);
  }
  // The five of the burst are free together, minute after minute.
  AdvanceUntilReady();
  EXPECT_EQ(budget_->Used(clock_.Now()), 60 - kBurst);
  Report(Take(), v1::ANSWERED);
  for (uint32_t i = 1; i < kBurst; ++i) {
    EXPECT_FALSE(Ready());
    clock_.Advance(absl::Seconds(1));
    EXPECT_TRUE(Ready());
    Report(Take(), v1::ANSWERED);
  }
}

TEST_F(BudgetTest, ASlotIsUsedAgainSixtySecondsAfterItsFirstByte) {
  std::vector<uint64_t> permits;
  for (int i = 0; i < 60; ++i) {
    AdvanceUntilReady();
    permits.push_back(Take());
  }
  const absl::Duration last = clock_.Now().boot;
  EXPECT_EQ(budget_->Used(clock_.Now()), 60u);
  for (uint64_t permit : permits) Report(permit, v1::ANSWERED, 200, absl::Milliseconds(300));
  AdvanceUntilReady();
  EXPECT_EQ(clock_.Now().boot - last, kBudgetWindow + kBudgetMargin - absl::Milliseconds(300));
}

TEST_F(BudgetTest, APermitThatNobodyReportsIsUsedAsLongAsItsRequestCouldArrive) {
  limits_ = {1, 1};
  Restart();
  Take();
  const absl::Duration granted = clock_.Now().boot;
  AdvanceUntilReady();
  EXPECT_EQ(clock_.Now().boot - granted, kSendWithin + kSendTimeMax + kBudgetWindow + kBudgetMargin);
}

TEST_F(BudgetTest, ARequestThatWasNeverAnsweredCountsFromTheEndOfItsSocket) {
  limits_ = {1, 1};
  Restart();
  const uint64_t permit = Take();
  clock_.Advance(absl::Seconds(62));
  Report(permit, v1::UNANSWERED, 0);
  const absl::Duration closed = clock_.Now().boot;
  AdvanceUntilReady();
  EXPECT_EQ(clock_.Now().boot - closed, kSendTimeMax + kBudgetWindow + kBudgetMargin);
}

TEST_F(BudgetTest, TheLongestOfSeveralPausesHolds) {
  const uint64_t first = Take();
  const uint64_t second = Take();
  Report(first, v1::ANSWERED, 429);
  v1::PermitReport report;
  report.set_number(second);
  report.set_fate(v1::ANSWERED);
  report.set_http_status(503);
  *report.mutable_retry_after() = ToProto(absl::Seconds(1));
  Keep(budget_->DecideReport(report, clock_.Now(), 0));
  EXPECT_EQ(budget_->paused_until() - clock_.Now().boot, kPauseDefault);
}

TEST_F(BudgetTest, APauseThatIsOverDoesNotComeBackWhenTheWallClockIsSetBack) {
  Report(Take(), v1::ANSWERED, 429);
  AdvanceUntilReady();
  clock_.JumpWall(-absl::Hours(1));
  Take();
  EXPECT_LE(budget_->paused_until(), clock_.Now().boot);
}

TEST_F(BudgetTest, APermitThatWasNeverSentIsFreeAtOnce) {
  limits_ = {1, 1};
  Restart();
  const uint64_t permit = Take();
  Report(permit, v1::NEVER_SENT);
  AdvanceUntilReady();
  EXPECT_LE(budget_->Used(clock_.Now()), 0u);
}

TEST_F(BudgetTest, AReservedPermitIsGivenWithoutAnotherRecord) {
  const uint64_t permit = Reserve();
  ASSERT_NE(permit, 0u);
  const size_t records = disk_.size();
  EXPECT_EQ(Take(), permit);
  EXPECT_EQ(disk_.size(), records);
  EXPECT_EQ(Take(), permit + 1);
  EXPECT_GT(disk_.size(), records);
}

TEST_F(BudgetTest, AReservedPermitHoldsItsSlotAsIfItWereGivenAtTheLastMoment) {
  limits_ = {1, 1};
  Restart();
  const uint64_t permit = Reserve();
  const absl::Duration reserved = clock_.Now().boot;
  clock_.Advance(kReserveFor);
  EXPECT_EQ(Take(), permit);
  AdvanceUntilReady();
  EXPECT_EQ(clock_.Now().boot - reserved,
            kReserveFor + kSendWithin + kSendTimeMax + kBudgetWindow + kBudgetMargin);
}

TEST_F(BudgetTest, AReservedPermitThatIsTooOldIsNeverGiven) {
  limits_ = {1, 1};
  Restart();
  ASSERT_NE(Reserve(), 0u);
  clock_.Advance(kReserveFor + absl::Nanoseconds(1));
  EXPECT_FALSE(Ready());
  EXPECT_EQ(budget_->TakeReserved(kAny, clock_.Now()), std::nullopt);
}

TEST_F(BudgetTest, ARestartGivesNoReservedPermitAgain) {
  const uint64_t permit = Reserve();
  Restart();
  EXPECT_EQ(budget_->Used(clock_.Now()), 1u);
  EXPECT_GT(Take(), permit);
}

TEST_F(BudgetTest, NoMoreIsReservedThanTheBurstAllowsToGiveAtOnce) {
  for (uint32_t i = 0; i < kBurst; ++i) EXPECT_NE(Reserve(), 0u);
  EXPECT_EQ(Reserve(), 0u);
  for (uint32_t i = 0; i < kBurst; ++i) {
    EXPECT_TRUE(Ready());
    Take();
  }
  EXPECT_FALSE(Ready());
}

TEST_F(BudgetTest, NothingIsReservedForUsersOrWithARefusal) {
  v1::PermitReport report;
  report.set_fate(v1::ANSWERED);
  report.set_http_status(429);
  EXPECT_EQ(Reserve(report), 0u);
  EXPECT_EQ(Reserve({}, Endpoint::kUsers), 0u);
  ASSERT_NE(Reserve(), 0u);
  EXPECT_EQ(budget_->TakeReserved(Endpoint::kUsers, clock_.Now()), std::nullopt);
}

TEST_F(BudgetTest, NoReservedPermitIsGivenDuringAPause) {
  const uint64_t permit = Take();
  ASSERT_NE(Reserve(), 0u);
  Report(permit, v1::ANSWERED, 429);
  EXPECT_FALSE(Ready());
  AdvanceUntilReady();
  EXPECT_EQ(budget_->TakeReserved(kAny, clock_.Now()), std::nullopt);
}

TEST_F(BudgetTest, ARestartInTheSameBootForgetsNothing) {
  for (int i = 0; i < 60; ++i) {
    AdvanceUntilReady();
    Take();
  }
  Restart();
  EXPECT_EQ(budget_->Used(clock_.Now()), 60u);
  EXPECT_FALSE(Ready());
  EXPECT_EQ(budget_->record().last_permit(), 60u);
}

TEST_F(BudgetTest, AfterARebootEverySlotThatWasEverUsedCountsAsUsed) {
  for (int i = 0; i < 3; ++i) Report(Take(), v1::ANSWERED);
  clock_.Advance(absl::Hours(5));
  EXPECT_EQ(budget_->Used(clock_.Now()), 0u);
  clock_.Reboot();
  Restart();
  EXPECT_EQ(budget_->Used(clock_.Now()), 3u);
  clock_.Advance(kSendWithin + kSendTimeMax + kBudgetWindow + kBudgetMargin);
  EXPECT_EQ(budget_->Used(clock_.Now()), 0u);
}

TEST_F(BudgetTest, UsersHaveALimitOfTheirOwnThatHoldsNobodyElseBack) {
  Take(Endpoint::kUsers);
  EXPECT_FALSE(Ready(Endpoint::kUsers));
  EXPECT_TRUE(Ready());
  clock_.Advance(absl::Seconds(2));
  EXPECT_TRUE(Ready(Endpoint::kUsers));
}

TEST_F(BudgetTest, ARefusalPausesTheSourceAndLowersTheLimitWhichRecoversByTheMinute) {
  const uint64_t permit = Take();
  Report(permit, v1::ANSWERED, 429);
  EXPECT_FALSE(Ready());
  EXPECT_EQ(budget_->ReadyAt(kAny, clock_.Now()) - clock_.Now().boot, kPauseDefault);
  EXPECT_EQ(budget_->CurrentLimit(clock_.Now()), 42u);
  clock_.Advance(kPauseDefault + absl::Minutes(3));
  EXPECT_EQ(budget_->CurrentLimit(clock_.Now()), 45u);
  clock_.Advance(absl::Hours(1));
  EXPECT_EQ(budget_->CurrentLimit(clock_.Now()), 60u);
}

TEST_F(BudgetTest, TheServersOwnWaitIsObeyedWithinReason) {
  for (const auto& [asked, kept] :
       std::vector<std::pair<absl::Duration, absl::Duration>>{{absl::Seconds(0), kPauseMin},
                                                              {absl::Seconds(7), absl::Seconds(7)},
                                                              {absl::Hours(300), kPauseMax}}) {
    v1::PermitReport report;
    report.set_fate(v1::ANSWERED);
    report.set_http_status(429);
    *report.mutable_retry_after() = ToProto(asked);
    disk_.clear();
    Restart();
    Keep(budget_->DecideReport(report, clock_.Now(), 0));
    EXPECT_EQ(budget_->paused_until() - clock_.Now().boot, kept);
  }
}

TEST_F(BudgetTest, APauseSurvivesARestartAndAWallClockThatJumped) {
  Report(Take(), v1::ANSWERED, 429);
  clock_.JumpWall(-absl::Hours(24 * 365));
  Restart();
  EXPECT_LE(budget_->paused_until() - clock_.Now().boot, kPauseMax + kPauseJitterMax);
  EXPECT_GT(budget_->paused_until(), clock_.Now().boot);
}

TEST_F(BudgetTest, ASourceThatRefusesEverythingIsAskedOnceAMinute) {
  for (absl::Duration asked : {absl::Seconds(1), kPauseDefault}) {
    disk_.clear();
    Restart();
    std::deque<absl::Duration> probes;
    for (int i = 0; i < 40; ++i) {
      AdvanceUntilReady();
      v1::PermitReport report;
      report.set_number(Take());
      probes.push_back(clock_.Now().boot);
      report.set_fate(v1::ANSWERED);
      report.set_http_status(429);
      *report.mutable_retry_after() = ToProto(asked);
      Keep(budget_->DecideReport(report, clock_.Now(), 0));
    }
    EXPECT_EQ(budget_->CurrentLimit(clock_.Now()), 1u);
    for (int i = 20; i < 40; ++i) EXPECT_GE(probes[i] - probes[i - 1], kBudgetWindow) << i;
    EXPECT_LE(probes[39] - probes[38], kBudgetWindow + absl::Seconds(1)) << "but it is asked";
    clock_.Advance(absl::Hours(2));
    EXPECT_EQ(budget_->CurrentLimit(clock_.Now()), 60u);
  }
}

TEST_F(BudgetTest, ALowerLimitHoldsFromTheStartAndForgetsNoRequest) {
  for (int i = 0; i < 45; ++i) {
    AdvanceUntilReady();
    Take();
  }
  limits_ = {30, 15};
  Restart();
  EXPECT_EQ(budget_->Used(clock_.Now()), 45u);
  EXPECT_FALSE(Ready());
  AdvanceUntilReady();
  EXPECT_EQ(budget_->Used(clock_.Now()), 29u)
      << "sixteen have become free, and no more may be used than thirty";
  limits_ = {60, 30};
  Restart();
  EXPECT_TRUE(Ready());
}

TEST_F(BudgetTest, ARestartEveryThreeSecondsKeepsTheLimit) {
  std::deque<absl::Duration> arrivals;
  size_t most = 0;
  size_t total = 0;
  for (int tick = 0; tick < 10 * 600; ++tick) {
    clock_.Advance(absl::Milliseconds(100));
    if (tick % 30 == 0) Restart();
    if (!Ready()) continue;
    const uint64_t permit = Take();
    arrivals.push_back(clock_.Now().boot);
    ++total;
    while (clock_.Now().boot - arrivals.front() > kBudgetWindow) arrivals.pop_front();
    most = std::max(most, arrivals.size());
    if (tick % 7 != 0) Report(permit, v1::ANSWERED);
  }
  EXPECT_LE(most, 60u);
  EXPECT_GT(total, 550u) << "the budget is hardly used";
}

// A proxy that sends each request twice: the server counts 120 where we count 60. It cannot be prevented from
// here, so it is noticed, told (each refusal is counted), and the rate falls until the server is content.
TEST_F(BudgetTest, AProxyThatSendsEachRequestTwiceIsReportedAndLivedWith) {
  std::deque<absl::Duration> server;
  uint64_t answered = 0;
  const absl::Duration end = clock_.Now().boot + absl::Hours(2);
  while (clock_.Now().boot < end) {
    AdvanceUntilReady();
    const uint64_t permit = Take();
    const absl::Duration now = clock_.Now().boot;
    while (!server.empty() && now - server.front() >= kBudgetWindow) server.pop_front();
    const bool refused = server.size() + 2 > 60;
    if (!refused) server.insert(server.end(), 2, now);
    answered += !refused;
    Report(permit, v1::ANSWERED, refused ? 429 : 200);
  }
  EXPECT_GT(budget_->record().refusals(), 0u);
  EXPECT_LT(budget_->record().refusals(), answered / 50);
  EXPECT_GT(answered, 120u * 30 * 6 / 10) << "thirty a minute are left for us";
}

// The proof's claim by trial: requests are delayed, lost and bunched at will, workers die, the coordinator
// restarts, and the server still never sees more than the limit in any closed 60 seconds.
TEST_F(BudgetTest, NeverMoreThanTheLimitArrivesWhateverTheNetworkDoes) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    SeededRandom random(seed);
    disk_.clear();
    clock_ = FakeClock();
    Restart();
    struct Flight {
      uint64_t permit;
      absl::Duration arrival, report;
    };
    std::deque<Flight> flights;
    std::vector<absl::Duration> arrivals;
    const absl::Duration end = clock_.Now().boot + absl::Minutes(20);
    while (clock_.Now().boot < end) {
      if (Ready()) {
        const uint64_t permit = Take();
        const absl::Duration now = clock_.Now().boot;
        const absl::Duration held = random.Fraction() * kSendWithin;
        const absl::Duration travel = random.Fraction() * kSendTimeMax;
        // One in ten is never heard of again, although it arrives; one in ten is never sent.
        const double fate = random.Fraction();
        if (fate < 0.1) {
          Report(permit, v1::NEVER_SENT);
          continue;
        }
        arrivals.push_back(now + held + travel);
        if (fate < 0.2) continue;
        flights.push_back({permit, arrivals.back(), arrivals.back() + random.Fraction() * absl::Seconds(4)});
      }
      clock_.Advance(absl::Milliseconds(200));
      for (size_t i = 0; i < flights.size();) {
        if (flights[i].report > clock_.Now().boot) {
          ++i;
          continue;
        }
        const absl::Duration ago = (clock_.Now().boot - flights[i].arrival) * random.Fraction();
        Report(flights[i].permit, v1::ANSWERED, 200, ago);
        if (random.Fraction() < 0.5) Reserve();
        flights.erase(flights.begin() + i);
      }
      if (random.Fraction() < 0.002) Restart();
    }
    std::sort(arrivals.begin(), arrivals.end());
    size_t first = 0;
    size_t most = 0;
    for (size_t last = 0; last < arrivals.size(); ++last) {
      while (arrivals[last] - arrivals[first] > absl::Seconds(60)) ++first;
      most = std::max(most, last - first + 1);
    }
    EXPECT_LE(most, 60u);
    EXPECT_GT(arrivals.size(), 15u * 45u) << "the budget is hardly used";
  }
}

}  // namespace
}  // namespace penstock::coordinator
