// SPDX-License-Identifier: Apache-2.0
// Days that pass at the source after a backfill: real requests, real pages, a real store.
#include "base/instant.h"
#include "tests/cluster/cluster_fixture.h"

namespace penstock {
namespace {

using ::testing::IsEmpty;

class Sync : public ClusterTest {
 protected:
  Sync() {
    serve.synthetic =
        sandbox::SyntheticOptions{.days = 5, .ahead = 4, .users = 30, .conversations = 15, .seed = 7};
    serve.page_size = 50;
    now_ = DayStart(DayNumber(clock.Now().wall) - 4) + absl::Hours(12);
    serve.now = now_;
  }
  void PassADay() {
    now_ += absl::Hours(24);
    sandbox().SetNow(now_);
  }
  v1::Job AwaitSync() {
    const v1::Job job = AwaitJob(SyncNow());
    EXPECT_EQ(job.kind(), "sync");
    EXPECT_EQ(job.parked_windows(), 0u);
    AwaitLoaded();
    return job;
  }
  void ExpectAsServed() {
    for (Endpoint endpoint : kAllEndpoints) {
      SCOPED_TRACE(std::string(Name(endpoint)));
      EXPECT_THAT(Differences(MinifiedAll(Stored(endpoint)), ReadServed(sandbox().base_url(), endpoint)),
                  IsEmpty());
      ExpectSqliteEqualsStore(endpoint);
    }
  }

  absl::Time now_;
};

TEST_F(Sync, WhatIsPublishedLaterComesWithTheNextSync) {
  RunToTheEnd();
  for (int day = 0; day < 2; ++day) {
    PassADay();
    EXPECT_GT(AwaitSync().counts().inserted(), 100u);
    ExpectAsServed();
  }
}

TEST_F(Sync, AHeldBackDayComesWhenItIsPublished) {
  serve.faults = {absl::StrCat("held-back=", FormatDay(now_ - absl::Hours(48)))};
  RunToTheEnd();
  PassADay();
  AwaitSync();
  ASSERT_OK(sandbox().SetFaults({}));
  PassADay();
  EXPECT_GT(AwaitSync().counts().inserted(), 200u) << "the day of now, and the one that was held back";
  ExpectAsServed();
}

TEST_F(Sync, AQuietDayCostsThreeRequestsAnEndpointAtMost) {
  RunToTheEnd();
  const uint64_t before = Status().budget().permits();
  EXPECT_EQ(AwaitSync().counts().inserted(), 0u);
  EXPECT_LE(Status().budget().permits() - before, 15u);
}

TEST_F(Sync, AServerThatIgnoresItsFilterIsReadWhole) {
  serve.faults = {"ignore-filter=1.0"};
  RunToTheEnd();
  PassADay();
  AwaitSync();
  PassADay();
  AwaitSync();
  ExpectAsServed();
}

}  // namespace
}  // namespace penstock
