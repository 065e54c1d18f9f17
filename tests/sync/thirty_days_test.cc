// SPDX-License-Identifier: Apache-2.0
// Weeks of daily syncs against a source with all the accidents of publication: after each round, what is
// stored is what the source shows, and what it showed before it forgot.
#include <gtest/gtest.h>

#include <cstdio>

#include "base/instant.h"
#include "proto/convert.h"
#include "tests/sync/publisher.h"
#include "tests/sync/sync_run.h"

namespace penstock {
namespace {

constexpr int kHistory = 30;
constexpr int kDays = 30;
const absl::Duration kDay = absl::Hours(24);

// Which version of each row the source showed when a round had ended; nobody can have a newer one of a row that
// it has forgotten since, unless it was read in the midst of a round.
class Memory {
 public:
  void Look(const simulation::Tenant& tenant) {
    for (Endpoint endpoint : kAllEndpoints) {
      for (const auto& [id, row] : tenant.rows(endpoint)) {
        if (row.visible()) seen_[endpoint][id] = row.versions.size();
      }
    }
  }
  // Every row that was seen is stored, in that version or a later one; nothing is stored that never was.
  void ExpectStored(store::Store& store, const simulation::Tenant& tenant, const std::string& when) const {
    for (const auto& [endpoint, rows] : seen_) {
      SCOPED_TRACE(absl::StrCat(when, ", ", Name(endpoint)));
      std::map<std::string, size_t> stored;  // version, from 1
      ASSERT_TRUE(store
                      .ScanRows(1, endpoint,
                                [&](const v1::Row& row) {
                                  stored[row.id()] = VersionOf(tenant.Find(endpoint, row.id()), row.raw());
                                  return true;
                                })
                      .ok());
      std::vector<std::string> lacks;
      for (const auto& [id, version] : rows) {
        auto row = stored.find(id);
        if (row == stored.end() || row->second < version) lacks.push_back(id);
      }
      EXPECT_TRUE(lacks.empty()) << lacks.size() << " rows lack, one with the stamp "
                                 << FormatStamp(tenant.Find(endpoint, lacks[0])->newest().stamp);
      for (const auto& [id, version] : stored) EXPECT_GT(version, 0u) << id << " was never served so";
    }
  }

 private:
  static size_t VersionOf(const simulation::Tenant::Row* row, const std::string& raw) {
    for (size_t i = 0; row != nullptr && i < row->versions.size(); ++i) {
      if (row->versions[i].raw == raw) return i + 1;
    }
    return 0;
  }

  std::map<Endpoint, std::map<std::string, size_t>> seen_;
};

struct Way {
  const char* name;
  uint64_t seed;
  Inability unable;
  bool mid_round = false;  // batches become visible while a round reads
};

class ThirtyDays : public ::testing::TestWithParam<Way> {
 protected:
  ThirtyDays() : run_(GetParam().unable), publisher_(run_.tenant(), GetParam().seed) {}

  absl::Time Midnight(absl::Time time) const { return DayStart(DayNumber(time)); }
  bool IsAway(int day) const { return day >= 11 && day < 20; }

  // Days of before, then everything that the source has is read.
  void Begin() {
    const absl::Time today = Midnight(run_.Now());
    for (int day = kHistory; day >= 0; --day) publisher_.PlanDay(today - day * kDay);
    publisher_.PublishUntil(run_.Now(), run_.Boot());
    ASSERT_TRUE(run_.admin().CreateBackfill({}).ok());
    run_.Work();
    ASSERT_EQ(run_.LastJob().state(), v1::JOB_DONE);
    memory_.Look(run_.tenant());
    memory_.ExpectStored(run_.store(), run_.tenant(), "after the backfill");
    backfilled_ = DayNumber(run_.Now());
  }

  // No day is said to be settled of which the source shows a row that is not stored; and days do settle. While
  // batches appear in the midst of a round, it is not known what the source showed when it counted.
  void ExpectSettledIsWhole(bool torn) {
    const v1::GetCoverageResponse coverage = *run_.admin().GetCoverage({});
    const int64_t first = DayNumber(FromProto(coverage.first_day()));
    settled_by_syncs_ = 0;
    for (const v1::EndpointCoverage& endpoint : coverage.endpoints()) {
      std::map<int64_t, uint64_t> lacking;
      for (const auto& [id, row] : run_.tenant().rows(FromProto(endpoint.endpoint()))) {
        if (row.visible() && !run_.store().GetRow(1, FromProto(endpoint.endpoint()), id).ok()) {
          ++lacking[DayNumber(row.created)];
        }
      }
      for (int day = 0; day < endpoint.days_size(); ++day) {
        if (endpoint.days(day).state() != v1::DAY_SETTLED) continue;
        ++settled_;
        settled_by_syncs_ += first + day > backfilled_ ? 1 : 0;
        if (!torn) {
          EXPECT_EQ(lacking.count(first + day), 0u) << day;
        }
      }
    }
  }

  SyncRun run_;
  Publisher publisher_;
  Memory memory_;
  int64_t backfilled_ = 0;         // the day of the backfill
  uint64_t settled_ = 0;           // cells, over all rounds
  uint64_t settled_by_syncs_ = 0;  // cells of the days since the backfill, in the last round
};

TEST_P(ThirtyDays, WhatIsStoredIsWhatTheSourceEverShowedInItsNewestVersion) {
  SCOPED_TRACE(testing::Message() << "seed " << GetParam().seed);
  ASSERT_NO_FATAL_FAILURE(Begin());
  std::map<Endpoint, uint64_t> quiet_most;
  uint64_t rounds = 0;
  for (Endpoint endpoint : kAllEndpoints) publisher_.Quiet(endpoint);
  for (int day = 1; day <= kDays; ++day) {
    const absl::Time midnight = Midnight(run_.Now()) + kDay;
    // 07:00 in Berlin is 05:00 or 06:00 UTC.
    run_.AdvanceTo(midnight + absl::Hours(6) + absl::Minutes(1));
    publisher_.PlanDay(midnight);
    publisher_.PublishUntil(run_.Now(), run_.Boot());
    if (day % 7 == 0) run_.Restart();
    const std::map<Endpoint, uint64_t> before = run_.requests();
    const uint64_t last = run_.LastJob().number();
    bool torn = false;
    if (GetParam().mid_round && day % 2 == 0 && !IsAway(day)) {
      run_.before_commit = [&](uint64_t request) {
        if (torn || request % 9 != 0) return;
        torn = true;
        publisher_.PublishUntil(run_.Now() + absl::Hours(17), run_.Boot());
      };
    }
    run_.Work(IsAway(day));
    run_.before_commit = [](uint64_t) {};
    if (IsAway(day)) {
      EXPECT_EQ(run_.LastJob().state(), v1::JOB_RUNNING);
      continue;
    }
    const v1::Job round = run_.LastJob();
    EXPECT_EQ(round.kind(), "sync");
    EXPECT_EQ(round.state(), v1::JOB_DONE);
    EXPECT_EQ(round.parked_windows(), 0u);
    EXPECT_EQ(round.number(), IsAway(day - 1) ? last : last + 1);
    ++rounds;
    if (!torn) memory_.Look(run_.tenant());  // what came in the midst of a round is the next one's
    memory_.ExpectStored(run_.store(), run_.tenant(), absl::StrCat("after day ", day));
    ExpectSettledIsWhole(torn);
    for (Endpoint endpoint : kAllEndpoints) {
      const uint64_t spent = run_.requests().at(endpoint) - before.at(endpoint);
      if (publisher_.Quiet(endpoint) && !torn) quiet_most[endpoint] = std::max(quiet_most[endpoint], spent);
    }
    if (HasFailure()) return;
  }
  EXPECT_GT(settled_, rounds * 60);  // most days of four endpoints, although a tenth of them is empty
  EXPECT_GT(settled_by_syncs_, 60u);
  const Publisher::Happened& happened = publisher_.happened();
  std::printf("%s: %llu cells settled since the backfill\n", GetParam().name,
              static_cast<unsigned long long>(settled_by_syncs_));
  std::printf(
      "%s: %llu rounds; %llu halves, %llu late, %llu held back, %llu quiet, %llu updates\n", GetParam().name,
      static_cast<unsigned long long>(rounds), static_cast<unsigned long long>(happened.halves),
      static_cast<unsigned long long>(happened.late), static_cast<unsigned long long>(happened.held_back),
      static_cast<unsigned long long>(happened.quiet), static_cast<unsigned long long>(happened.updates));
  EXPECT_GT(std::min({happened.halves, happened.late, happened.held_back, happened.quiet}), 5u);
  if (GetParam().unable.counts || GetParam().unable.filters || GetParam().mid_round) return;
  EXPECT_FALSE(quiet_most.empty());
  for (const auto& [endpoint, most] : quiet_most) {
    std::printf("  a quiet day of %s: at most %llu requests\n", std::string(Name(endpoint)).c_str(),
                static_cast<unsigned long long>(most));
    EXPECT_LE(most, 3u) << Name(endpoint);
  }
}

INSTANTIATE_TEST_SUITE_P(Ways, ThirtyDays,
                         ::testing::Values(Way{"counting", 1, {}}, Way{"counting2", 2, {}},
                                           Way{"counting3", 3, {}}, Way{"midround", 4, {}, true},
                                           Way{"nocounts", 5, {true, false}},
                                           Way{"nofilters", 6, {true, true}},
                                           Way{"nofilterscounted", 7, {false, true}}),
                         [](const auto& way) { return way.param.name; });

}  // namespace
}  // namespace penstock
