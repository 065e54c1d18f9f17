// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "coordinator/limits.h"
#include "tests/coordinator/coordinator_fixture.h"

namespace penstock::coordinator {
namespace {

using ::testing::Each;
using ::testing::SizeIs;

constexpr char kStamp[] = "2026-02-21T06:00:00.000Z";
constexpr uint64_t kRecords = 9'000;  // below what makes a window of its own for the tail

// One endpoint that is being read while other workers have nothing to do.
class Cuts : public CoordinatorFixture {
 protected:
  void SetUp() override {
    job_ = Backfill({Endpoint::kConversations}, false, kRecords);
    const auto leases = Lease("reader");
    ASSERT_THAT(leases, SizeIs(1));
    lease_ = leases[0];
    v1::SyncRequest idle = SyncRequest("idle");
    idle.set_fetch_capacity(2);
    ASSERT_OK(workers_->Sync(idle));
    ASSERT_EQ(lease_.order(), v1::CREATED_TIME_DESC);
  }

  // 500 rows, a minute apart, newest first; the last three in one millisecond.
  std::vector<v1::Row> NewestFirst() const {
    std::vector<v1::Row> rows;
    const absl::Time newest = clock_.Now().wall - absl::Hours(1);
    for (int i = 0; i < 500; ++i) {
      rows.push_back(Row(absl::StrCat("row-", 1000 - i), kStamp));
      *rows.back().mutable_created_time() = ToProto(newest - absl::Minutes(std::min(i, 497)));
    }
    return rows;
  }
  absl::StatusOr<v1::CommitPageResponse> CommitFirst(std::vector<v1::Row> rows) {
    v1::PageHeader header = Header(lease_, 0, "next");
    header.set_chain_records(kRecords);
    return workers_->CommitPage(header, std::move(rows), {});
  }
  std::vector<v1::Window> Of(const std::string& purpose) {
    std::vector<v1::Window> windows;
    const v1::ListWindowsResponse all = *admin_->ListWindows({});
    for (const v1::Window& window : all.windows()) {
      if (window.purpose() == purpose) windows.push_back(window);
    }
    return windows;
  }

  v1::Job job_;
  v1::FetchAssignment lease_;
};

TEST_F(Cuts, ARunningWindowIsCutAtTheLastMillisecondSeenAndTheRestIncludesIt) {
  const std::vector<v1::Row> rows = NewestFirst();
  const absl::Time last = FromProto(rows.back().created_time());
  const auto response = CommitFirst(rows);
  ASSERT_OK(response);
  EXPECT_EQ(response->next(), v1::CommitPageResponse::STOP);
  const std::vector<v1::Window> windows = Of("range");
  ASSERT_THAT(windows, SizeIs(4));  // what was read, one for the reader and one for each idle hand
  EXPECT_EQ(windows[0].state(), v1::WINDOW_DONE);
  EXPECT_EQ(FromProto(windows[0].from()), last + absl::Milliseconds(1));
  EXPECT_FALSE(windows[0].has_to());
  for (size_t i = 1; i < windows.size(); ++i) {
    EXPECT_EQ(FromProto(windows[i].to()), FromProto(windows[i - 1].from()));
  }
  EXPECT_FALSE(windows.back().has_from());
}

TEST_F(Cuts, OneCountConfirmsWhatWasReadAboveTheCut) {
  ASSERT_OK(CommitFirst(NewestFirst()));
  const auto leases = Lease("counter");
  const auto count =
      std::find_if(leases.begin(), leases.end(), [](const auto& l) { return l.kind() == v1::COUNT; });
  ASSERT_NE(count, leases.end());
  EXPECT_EQ(FromProto(count->from()), FromProto(Of("range")[0].from()));
  ASSERT_OK(CommitCount(*count, 497));  // the three of the last millisecond are below the cut
  EXPECT_THAT(Of("reread"), SizeIs(0));
  EXPECT_THAT(Of("confirm"), SizeIs(1));
}

TEST_F(Cuts, MoreAtTheSourceAboveTheCutIsReadAgain) {
  ASSERT_OK(CommitFirst(NewestFirst()));
  for (const v1::FetchAssignment& lease : Lease("counter")) {
    if (lease.kind() == v1::COUNT) {
      ASSERT_OK(CommitCount(lease, 498));
    }
  }
  const std::vector<v1::Window> again = Of("reread");
  ASSERT_THAT(again, SizeIs(1));
  EXPECT_EQ(FromProto(again[0].from()), FromProto(Of("range")[0].from()));
}

TEST_F(Cuts, WithoutIdleHandsTheChainGoesOn) {
  core_->workers().erase("idle");
  v1::SyncRequest reader = SyncRequest("reader", {lease_});
  reader.set_fetch_capacity(1);
  ASSERT_OK(workers_->Sync(reader));
  EXPECT_EQ(CommitFirst(NewestFirst())->next(), v1::CommitPageResponse::CARRY_ON);
  EXPECT_THAT(Of("range"), SizeIs(1));
}

TEST_F(Cuts, APageOutOfOrderIsReadInTheOrderOfIdsAndNeverCut) {
  std::vector<v1::Row> rows = NewestFirst();
  std::swap(*rows[3].mutable_created_time(), *rows[400].mutable_created_time());
  EXPECT_EQ(CommitFirst(rows)->next(), v1::CommitPageResponse::STOP);
  const auto again = Lease("reader");
  ASSERT_THAT(again, SizeIs(1));
  EXPECT_EQ(again[0].window(), lease_.window());
  EXPECT_EQ(again[0].order(), v1::ID_DESC);
  EXPECT_EQ(again[0].page(), 0u);
  EXPECT_EQ(again[0].chain(), lease_.chain() + 1);
}

TEST_F(Cuts, ARowThatChangesWhileItsWindowIsReadEndsAtItsNewestVersion) {
  std::vector<v1::Row> rows = NewestFirst();
  ASSERT_OK(CommitFirst(rows));
  const std::string newer = "2026-02-25T08:00:00.000Z";
  // The rest of the range, then the closing pass, which brings the newer version.
  for (auto leases = Lease("reader"); !leases.empty(); leases = Lease("reader")) {
    for (const v1::FetchAssignment& lease : leases) {
      if (lease.kind() == v1::COUNT) {
        ASSERT_OK(CommitCount(lease, std::nullopt));
      } else if (lease.axis() == v1::LAST_UPDATED_TIME) {
        ASSERT_OK(CommitPage(lease, 0, "", {Row(rows[10].id(), newer)}));
      } else {
        ASSERT_OK(CommitPage(lease, 0, ""));
      }
    }
  }
  EXPECT_EQ(Job(job_).state(), v1::JOB_DONE);
  v1::GetRowRequest request;
  request.set_endpoint(v1::CONVERSATIONS);
  request.set_id(rows[10].id());
  EXPECT_EQ(FromProto(admin_->GetRow(request)->last_updated_time()), *ParseStamp(newer));
}

}  // namespace
}  // namespace penstock::coordinator
