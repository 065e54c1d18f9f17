// SPDX-License-Identifier: Apache-2.0
// A process that commits is killed at a random instant, over and over, on the same directory. Every
// acknowledged page must be there afterwards; the one in flight may be there, but only whole.
#include "tests/store/rocks_fixture.h"
#include "tests/store/victim.h"

namespace penstock::store {
namespace {

class RocksKill : public RocksFixture {
 protected:
  RocksKill() { write_buffer_bytes_ = 256 << 10; }  // flushes and log changes happen all the time
};

// Not a test of its own: what the killed process runs. One step for each acknowledged page.
TEST_F(RocksKill, DISABLED_Victim) {
  const char* directory = std::getenv(kVictimDirectory);
  ASSERT_NE(directory, nullptr);
  auto store = TryOpen(directory);
  ASSERT_OK(store);
  if ((*store)->last_commit() == 0) {
    ASSERT_OK((*store)->Commit(MakeBatch({MakeSource(1)})));
  }
  while (true) {
    ASSERT_OK((*store)->Commit(MakeBatch(NumberedPage((*store)->last_commit()))));
    SayCame();
  }
}

TEST_F(RocksKill, NothingAcknowledgedIsLost) {
  uint64_t acknowledged = 0;
  for (int round = 0; round < 12; ++round) {
    acknowledged += RunVictim("RocksKill.DISABLED_Victim", path(), static_cast<int>(random_.Next() % 40),
                              random_.Next() % 3'000'000);
    auto store = TryOpen(path());
    ASSERT_OK(store);
    if ((*store)->last_commit() == 0) continue;
    const uint64_t pages = (*store)->last_commit() - 1;  // the first commit brings the source
    EXPECT_GE(pages, acknowledged);
    EXPECT_LE(pages, acknowledged + 1);
    EXPECT_OK(CheckPages(**store, pages)) << "round " << round;
    EXPECT_THAT((*store)->GetRow(1, Endpoint::kConversations, absl::StrCat("row-", pages + 1, "-0")),
                StatusIs(absl::StatusCode::kNotFound, ::testing::_));
    acknowledged = pages;
  }
  EXPECT_GT(acknowledged, 0u);
}

}  // namespace
}  // namespace penstock::store
