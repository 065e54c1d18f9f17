// SPDX-License-Identifier: Apache-2.0
// Store::CountRows, asked of every store.
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
namespace {

class CountRows : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (std::string(GetParam()) == "Memory") {
      store_ = NewMemoryStore("00000000000000aa", 7);
    } else {
      RocksStoreOptions options;
      options.directory = directory_.path();
      ASSERT_OK_AND_ASSIGN(store_, OpenRocksStore(options, clock_, random_));
    }
    const std::string stamp = "2026-03-20T06:00:00.000Z";
    ASSERT_OK(store_->Commit(
        MakeBatch({MakeSource(1)}, MakePage(1, {MakeRow("noon", stamp, "", "2026-03-18T12:00:00.000Z"),
                                                MakeRow("last", stamp, "", "2026-03-18T23:59:59.999Z"),
                                                MakeRow("midnight", stamp, "", "2026-03-19T00:00:00.000Z"),
                                                MakeRow("undated", stamp, "", "never")}))));
    ASSERT_OK(store_->Commit(
        MakeBatch(MakePage(2, {MakeRow("noon", stamp, "changed", "2026-03-18T12:00:00.000Z")}))));
  }

  uint64_t Count(const std::string& from, const std::string& to) {
    const auto bound = [](const std::string& text) {
      return text.empty() ? std::nullopt : std::optional(*ParseDate(text));
    };
    return store_->CountRows(1, Endpoint::kConversations, bound(from), bound(to)).value_or(999);
  }

  TestDirectory directory_;
  FakeClock clock_;
  SeededRandom random_{1};
  std::unique_ptr<Store> store_;
};

TEST_P(CountRows, WholeDaysAreHalfOpen) {
  EXPECT_EQ(Count("2026-03-18", "2026-03-19"), 2u);
  EXPECT_EQ(Count("2026-03-19", "2026-03-20"), 1u);
  EXPECT_EQ(Count("2026-03-18", ""), 3u);
  EXPECT_EQ(Count("", "2026-03-18"), 0u);
}

TEST_P(CountRows, BoundsWithinADayAreExactToo) {
  EXPECT_EQ(Count("2026-03-18T12:00:00Z", "2026-03-18T12:00:00.001Z"), 1u);
  EXPECT_EQ(Count("2026-03-18T12:00:00.001Z", "2026-03-19T00:00:00.001Z"), 2u);
}

TEST_P(CountRows, OnlyWithoutAnyBoundDoesARowWithoutACreatedTimeCount) { EXPECT_EQ(Count("", ""), 4u); }

INSTANTIATE_TEST_SUITE_P(EveryStore, CountRows, ::testing::Values("Memory", "Rocks"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace penstock::store
