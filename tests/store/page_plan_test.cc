// SPDX-License-Identifier: Apache-2.0
#include "store/page_plan.h"

#include <map>
#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "store/batch_plan.h"
#include "store/row_convert.h"
#include "tests/fakes/status_matchers.h"
#include "tests/store/store_builders.h"

namespace penstock::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr char kMonday[] = "2026-03-16T06:00:00.000Z";
constexpr char kTuesday[] = "2026-03-17T06:00:00.000Z";

// Remembers which contents were asked for; fails on demand.
class FakeRows final : public StoredRows {
 public:
  void Add(const v1::Row& row, uint64_t change, uint64_t permit) {
    storage::RowRecord record;
    record.set_raw(row.raw());
    if (row.has_created_time()) *record.mutable_created_time() = row.created_time();
    if (row.has_last_updated_time()) *record.mutable_last_updated_time() = row.last_updated_time();
    record.set_change(change);
    record.set_permit(permit);
    rows_[row.id()] = record;
    contents_[change] = row.raw();
  }
  void AddQuarantined(const std::string& name) { quarantined_.insert(name); }
  void FailContents(absl::Status error) { error_ = std::move(error); }
  const std::vector<uint64_t>& asked() const { return asked_; }

  absl::StatusOr<std::vector<std::optional<storage::RowPlace>>> Places(
      uint32_t, Endpoint, const std::vector<absl::string_view>& ids) override {
    std::vector<std::optional<storage::RowPlace>> places;
    for (absl::string_view id : ids) {
      const auto row = rows_.find(std::string(id));
      places.push_back(row == rows_.end() ? std::nullopt : std::optional(PlaceOf(row->second)));
    }
    return places;
  }
  absl::StatusOr<std::vector<std::string>> Contents(uint32_t, const std::vector<uint64_t>& changes) override {
    RETURN_IF_ERROR(error_);
    std::vector<std::string> contents;
    for (uint64_t change : changes) {
      asked_.push_back(change);
      contents.push_back(contents_.at(change));
    }
    return contents;
  }
  absl::StatusOr<bool> IsQuarantined(uint32_t, Endpoint, const std::string& name) override {
    return quarantined_.count(name) > 0;
  }

 private:
  std::map<std::string, storage::RowRecord> rows_;
  std::map<uint64_t, std::string> contents_;
  std::set<std::string> quarantined_;
  std::vector<uint64_t> asked_;
  absl::Status error_;
};

PagePlan Plan(PageWrite page, FakeRows& rows, uint64_t last_change) {
  auto plan = PlanPage(std::move(page), last_change, rows);
  EXPECT_OK(plan);
  return *std::move(plan);
}

TEST(PagePlan, NewRowsTakeTheNextNumbersInTheOrderOfThePage) {
  FakeRows rows;
  const PagePlan plan = Plan(MakePage(7, {MakeRow("b", kMonday), MakeRow("a", kMonday)}), rows, 40);
  ASSERT_EQ(plan.rows.size(), 2u);
  EXPECT_EQ(plan.rows[0].id, "b");
  EXPECT_EQ(plan.rows[0].row.change(), 41u);
  EXPECT_EQ(plan.rows[0].row.permit(), 7u);
  EXPECT_EQ(plan.rows[1].row.change(), 42u);
  EXPECT_EQ(plan.last_change, 42u);
  EXPECT_THAT(plan.retired, IsEmpty());
  EXPECT_THAT(plan.day_deltas, ElementsAre(Pair(20530, 2)));
}

TEST(PagePlan, ANewVersionRetiresTheNumberOfTheOldOne) {
  FakeRows rows;
  rows.Add(MakeRow("a", kMonday), 12, 1);
  const PagePlan plan = Plan(MakePage(7, {MakeRow("a", kTuesday)}), rows, 40);
  EXPECT_THAT(plan.retired, ElementsAre(12));
  ASSERT_EQ(plan.rows.size(), 1u);
  EXPECT_EQ(plan.rows[0].row.change(), 41u);
  EXPECT_THAT(plan.day_deltas, IsEmpty());
}

TEST(PagePlan, AMovedCreatedTimeMovesOneRowBetweenDays) {
  FakeRows rows;
  rows.Add(MakeRow("a", kMonday, "", "2026-03-18T10:00:00Z"), 1, 1);
  rows.Add(MakeRow("b", kMonday, "", ""), 2, 1);
  const PagePlan plan = Plan(MakePage(7, {MakeRow("a", kTuesday, "", "2026-03-17T10:00:00Z"),
                                          MakeRow("b", kTuesday, "", "2026-03-18T10:00:00Z")}),
                             rows, 2);
  EXPECT_THAT(plan.day_deltas, ElementsAre(Pair(kNoDay, -1), Pair(20529, 1)));
}

TEST(PagePlan, OnlyContentsThatDecideAreRead) {
  FakeRows rows;
  rows.Add(MakeRow("older", kTuesday), 1, 1);
  rows.Add(MakeRow("newer", kMonday), 2, 1);
  rows.Add(MakeRow("equal", kMonday), 3, 1);
  const PagePlan plan =
      Plan(MakePage(7, {MakeRow("older", kMonday), MakeRow("newer", kTuesday), MakeRow("equal", kMonday)}),
           rows, 3);
  EXPECT_THAT(rows.asked(), ElementsAre(3));
  EXPECT_EQ(plan.counts.identical(), 1u);
}

TEST(PagePlan, AnIdTwiceIsAppliedOneAfterTheOther) {
  FakeRows rows;
  rows.Add(MakeRow("a", kMonday, "stored"), 5, 1);
  const PagePlan plan = Plan(MakePage(7, {MakeRow("a", kMonday, "one"), MakeRow("a", kMonday, "two"),
                                          MakeRow("a", kMonday, "two"), MakeRow("a", "", "no stamp")}),
                             rows, 5);
  ASSERT_EQ(plan.rows.size(), 1u);
  EXPECT_THAT(plan.rows[0].row.raw(), HasSubstr("two"));
  EXPECT_EQ(plan.rows[0].row.change(), plan.last_change);
  EXPECT_THAT(plan.retired, ElementsAre(5));  // once, and never a number that was not written
  EXPECT_EQ(plan.counts.updated(), 2u);
  EXPECT_EQ(plan.counts.identical(), 1u);
  EXPECT_EQ(plan.counts.older(), 1u);
  EXPECT_EQ(plan.counts.fetched(), 4u);
  EXPECT_THAT(plan.day_deltas, IsEmpty());
}

TEST(PagePlan, AKnownQuarantinedRecordIsAsItWasAndNotWritten) {
  FakeRows rows;
  rows.AddQuarantined(QuarantineName("{}"));
  PageWrite page = MakePage(7, {});
  page.quarantined = {MakeQuarantined("{}"), MakeQuarantined("[]"), MakeQuarantined("[]")};
  const PagePlan plan = Plan(std::move(page), rows, 0);
  ASSERT_EQ(plan.quarantine.size(), 1u);
  EXPECT_EQ(plan.quarantine[0].record.raw(), "[]");
  EXPECT_EQ(plan.counts.quarantined(), 1u);
  EXPECT_EQ(plan.counts.identical(), 2u);
}

TEST(PagePlan, AFailedLookUpEndsThePlan) {
  FakeRows rows;
  rows.Add(MakeRow("a", kMonday), 1, 1);
  rows.FailContents(absl::DataLossError("block checksum mismatch"));
  EXPECT_THAT(PlanPage(MakePage(7, {MakeRow("a", kMonday)}), 1, rows),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("checksum")));
}

TEST(BatchPlan, AFailedPageNeverCallsFinish) {
  FakeRows rows;
  Batch batch = MakeBatch({MakeSource(1)}, MakePage(7, {MakeRow("", kMonday)}));
  bool called = false;
  batch.finish = [&](const v1::PageCounts&) {
    called = true;
    return std::vector<Record>();
  };
  EXPECT_THAT(PlanBatch(std::move(batch), {}, rows),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("0 bytes")));
  EXPECT_FALSE(called);
}

TEST(BatchPlan, APageThatChangesNothingWritesNoSource) {
  FakeRows rows;
  rows.Add(MakeRow("a", kMonday), 1, 1);
  Sources sources = {{1, MakeSource(1)}};
  sources[1].set_last_change(1);
  ASSERT_OK_AND_ASSIGN(const BatchPlan same,
                       PlanBatch(MakeBatch(MakePage(2, {MakeRow("a", kMonday)})), sources, rows));
  EXPECT_THAT(same.sources, IsEmpty());
  ASSERT_OK_AND_ASSIGN(const BatchPlan later,
                       PlanBatch(MakeBatch(MakePage(2, {MakeRow("a", kTuesday)})), sources, rows));
  ASSERT_EQ(later.sources.size(), 1u);
  EXPECT_EQ(later.sources.at(1).last_change(), 2u);
  EXPECT_EQ(later.sources.at(1).url(), MakeSource(1).url());
}

TEST(BatchPlan, ASourceThatFinishNamesGetsTheTruthToo) {
  FakeRows rows;
  const Sources sources = {{1, MakeSource(1)}, {2, MakeSource(2)}};
  Batch batch = MakeBatch(MakePage(2, {MakeRow("a", kMonday)}));
  batch.finish = [](const v1::PageCounts&) {
    storage::SourceRecord one = MakeSource(1), two = MakeSource(2);
    one.set_last_change(77);
    two.set_last_change(77);
    return std::vector<Record>{one, two};
  };
  ASSERT_OK_AND_ASSIGN(const BatchPlan plan, PlanBatch(std::move(batch), sources, rows));
  EXPECT_EQ(std::get<storage::SourceRecord>(plan.records[0]).last_change(), 1u);
  EXPECT_EQ(std::get<storage::SourceRecord>(plan.records[1]).last_change(), 0u);
  EXPECT_EQ(plan.sources.at(1).last_change(), 1u);
}

}  // namespace
}  // namespace penstock::store
