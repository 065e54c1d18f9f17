// SPDX-License-Identifier: Apache-2.0
// Store::StampCounts, asked of every store.
#include <memory>

#include "base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "store/memory_store.h"
#include "store/rocks_store.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/status_matchers.h"
#include "tests/store/store_builders.h"

namespace penstock::store {

void PrintTo(const StampCount& count, std::ostream* out) {
  *out << count.rows << " stamped on " << count.stamp_day << ", created on " << count.created_day;
}

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kDay = 20530;  // 2026-03-18
const char kNoon[] = "2026-03-18T12:00:00.000Z";
const char kNextNoon[] = "2026-03-19T12:00:00.000Z";

class StampCounts : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (std::string(GetParam()) == "Memory") {
      store_ = NewMemoryStore("00000000000000aa", 7);
    } else {
      RocksStoreOptions options;
      options.directory = directory_.path();
      ASSERT_OK_AND_ASSIGN(store_, OpenRocksStore(options, clock_, random_));
    }
    ASSERT_OK(store_->Commit(MakeBatch({MakeSource(1)})));
  }

  void Put(std::vector<v1::Row> rows, Endpoint endpoint = Endpoint::kConversations) {
    ASSERT_OK(store_->Commit(MakeBatch(MakePage(++permit_, std::move(rows), 1, endpoint))));
  }
  std::vector<StampCount> Counts(int64_t from_day = kNoDay, Endpoint endpoint = Endpoint::kConversations) {
    return store_->StampCounts(1, endpoint, from_day).value_or(std::vector<StampCount>{{-1, -1, 999}});
  }

  TestDirectory directory_;
  FakeClock clock_;
  SeededRandom random_{1};
  std::unique_ptr<Store> store_;
  uint64_t permit_ = 0;
};

TEST_P(StampCounts, ARowIsCountedUnderTheDaysOfItsStampAndOfItsBirth) {
  Put({MakeRow("a", kNextNoon, "", kNoon), MakeRow("b", kNextNoon, "", kNoon),
       MakeRow("c", kNextNoon, "", kNextNoon), MakeRow("d", "someday", "", "never")});
  EXPECT_THAT(Counts(), ElementsAre(StampCount{kNoDay, kNoDay, 1}, StampCount{kDay + 1, kDay, 2},
                                    StampCount{kDay + 1, kDay + 1, 1}));
  EXPECT_THAT(Counts(kNoDay, Endpoint::kUsers), IsEmpty());
}

TEST_P(StampCounts, ANewStampMovesTheRow) {
  Put({MakeRow("a", kNoon, "", kNoon), MakeRow("b", kNoon, "", kNoon)});
  Put({MakeRow("a", kNextNoon, "", kNoon)});
  EXPECT_THAT(Counts(), ElementsAre(StampCount{kDay, kDay, 1}, StampCount{kDay + 1, kDay, 1}));
  Put({MakeRow("b", kNextNoon, "", kNoon)});
  EXPECT_THAT(Counts(), ElementsAre(StampCount{kDay + 1, kDay, 2}));
}

TEST_P(StampCounts, WhatIsOlderOrTheSameMovesNothing) {
  Put({MakeRow("a", kNextNoon, "", kNoon)});
  Put({MakeRow("a", kNoon, "", kNoon), MakeRow("a", kNextNoon, "", kNoon)});
  EXPECT_THAT(Counts(), ElementsAre(StampCount{kDay + 1, kDay, 1}));
}

TEST_P(StampCounts, OnlyTheDaysAskedForCome) {
  Put({MakeRow("a", kNextNoon, "", kNoon), MakeRow("b", kNoon, "", kNoon), MakeRow("c", "someday")});
  EXPECT_THAT(Counts(kDay + 1), ElementsAre(StampCount{kDay + 1, kDay, 1}));
  EXPECT_THAT(Counts(kDay + 2), IsEmpty());
}

TEST_P(StampCounts, TheCountersOfDaysOfBirthAreAsTheyWere) {
  Put({MakeRow("a", kNextNoon, "", kNoon)});
  ASSERT_OK_AND_ASSIGN(const std::vector<DayCount> days, store_->DayCounts(1, Endpoint::kConversations));
  ASSERT_EQ(days.size(), 1u);
  EXPECT_EQ(days[0].day, kDay);
}

INSTANTIATE_TEST_SUITE_P(EveryStore, StampCounts, ::testing::Values("Memory", "Rocks"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace penstock::store
