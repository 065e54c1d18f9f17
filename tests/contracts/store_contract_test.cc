// SPDX-License-Identifier: Apache-2.0
// What store.h promises, asked of every store. A new store joins by adding a fixture to kStores.
#include <functional>
#include <map>
#include <memory>

#include "absl/strings/str_cat.h"
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

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kMonday[] = "2026-03-16T06:00:00.000Z";
constexpr char kTuesday[] = "2026-03-17T06:00:00.000Z";

class StoreHolder {
 public:
  virtual ~StoreHolder() = default;
  virtual Store& store() = 0;
  // As after a crash or a restart. A memory store goes on as it is.
  virtual void Reopen() = 0;
};

class MemoryHolder final : public StoreHolder {
 public:
  Store& store() override { return *store_; }
  void Reopen() override {}

 private:
  const std::unique_ptr<Store> store_ = NewMemoryStore("00000000000000aa", 7);
};

class RocksHolder final : public StoreHolder {
 public:
  RocksHolder() { Reopen(); }
  Store& store() override { return *store_; }
  void Reopen() override {
    store_.reset();
    RocksStoreOptions options;
    options.directory = directory_.path();
    auto store = OpenRocksStore(options, clock_, random_);
    CHECK(store.ok());
    store_ = *std::move(store);
  }

 private:
  TestDirectory directory_;
  FakeClock clock_;
  SeededRandom random_{1};
  std::unique_ptr<Store> store_;
};

struct StoreKind {
  const char* name;
  std::function<std::unique_ptr<StoreHolder>()> make;
};
const StoreKind kStores[] = {
    {"Memory", [] { return std::make_unique<MemoryHolder>(); }},
    {"Rocks", [] { return std::make_unique<RocksHolder>(); }},
};

class StoreContract : public ::testing::TestWithParam<StoreKind> {
 protected:
  StoreContract() : holder_(GetParam().make()) {
    EXPECT_OK(store().Commit(MakeBatch({MakeSource(1), MakeSource(2)})));
  }
  Store& store() { return holder_->store(); }
  void Reopen() { holder_->Reopen(); }

  Committed Put(uint64_t permit, std::vector<v1::Row> rows, uint32_t source = 1,
                Endpoint endpoint = Endpoint::kConversations) {
    auto committed = store().Commit(MakeBatch(MakePage(permit, std::move(rows), source, endpoint)));
    EXPECT_OK(committed);
    return committed.ok() ? *committed : Committed();
  }
  std::string Raw(const std::string& id) {
    const auto row = store().GetRow(1, Endpoint::kConversations, id);
    return row.ok() ? row->raw() : row.status().ToString();
  }
  std::vector<uint64_t> ChangeNumbers(uint64_t after, uint64_t max_bytes = 1 << 20) {
    const auto changes = store().ReadChanges(1, after, max_bytes);
    EXPECT_OK(changes);
    std::vector<uint64_t> numbers;
    for (const v1::Change& change : changes->changes) numbers.push_back(change.number());
    return numbers;
  }
  std::map<int64_t, uint64_t> Days(Endpoint endpoint = Endpoint::kConversations) {
    const auto counts = store().DayCounts(1, endpoint);
    EXPECT_OK(counts);
    std::map<int64_t, uint64_t> days;
    for (const DayCount& count : *counts) days[count.day] = count.rows;
    return days;
  }

 private:
  const std::unique_ptr<StoreHolder> holder_;
};

INSTANTIATE_TEST_SUITE_P(AllStores, StoreContract, ::testing::ValuesIn(kStores),
                         [](const auto& info) { return info.param.name; });

TEST_P(StoreContract, CommitNumbersGrowByOneAndSurviveAReopening) {
  const uint64_t before = store().last_commit();
  EXPECT_EQ(Put(1, {}).number, before + 1);
  EXPECT_EQ(Put(2, {}).number, before + 2);
  const std::string id = store().store_id();
  Reopen();
  EXPECT_EQ(store().last_commit(), before + 2);
  EXPECT_EQ(store().store_id(), id);
  EXPECT_EQ(Put(3, {}).number, before + 3);
}

TEST_P(StoreContract, ARowComesBackByteForByte) {
  v1::Row row = MakeRow("a", kMonday);
  row.set_raw("{ \"id\" :\t\"a\",\n  \"z\": 1.50e0 }");
  Put(9, {row});
  Reopen();
  ASSERT_OK_AND_ASSIGN(const storage::RowRecord record, store().GetRow(1, Endpoint::kConversations, "a"));
  EXPECT_EQ(record.raw(), row.raw());
  EXPECT_EQ(record.created_time().seconds(), row.created_time().seconds());
  EXPECT_EQ(record.last_updated_time().seconds(), row.last_updated_time().seconds());
  EXPECT_EQ(record.permit(), 9u);
  EXPECT_EQ(record.change(), 1u);
}

TEST_P(StoreContract, AnIdMayHoldAnyBytes) {
  const std::string zero("\0\xFF/\n", 4);
  const std::string longest(1024, '\xFF');
  Put(1,
      {MakeRow(zero, kMonday, "zero"), MakeRow(longest, kMonday, "longest"), MakeRow("\xFF", kMonday, "ff")});
  EXPECT_THAT(Raw(zero), HasSubstr("zero"));
  EXPECT_THAT(Raw(longest), HasSubstr("longest"));
  EXPECT_THAT(Raw("\xFF"), HasSubstr("\"ff\""));
}

TEST_P(StoreContract, AnIdOutsideTheLimitsIsRefusedAndNothingIsWritten) {
  const uint64_t before = store().last_commit();
  for (const std::string& id : {std::string(), std::string(1025, 'x')}) {
    EXPECT_THAT(store().Commit(MakeBatch(MakePage(1, {MakeRow("a", kMonday), MakeRow(id, kMonday)}))),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("1 to 1024")));
  }
  EXPECT_EQ(store().last_commit(), before);
  EXPECT_THAT(store().GetRow(1, Endpoint::kConversations, "a"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("'a'")));
}

TEST_P(StoreContract, APageOfAnUnknownSourceIsRefused) {
  EXPECT_THAT(store().Commit(MakeBatch(MakePage(1, {MakeRow("a", kMonday)}, /*source=*/3))),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("source 3")));
  EXPECT_OK(store().Commit(MakeBatch({MakeSource(3)}, MakePage(1, {MakeRow("a", kMonday)}, /*source=*/3))));
}

TEST_P(StoreContract, TheSameIdOfTwoSourcesOrEndpointsIsTwoRows) {
  Put(1, {MakeRow("a", kMonday, "here")});
  Put(2, {MakeRow("a", kMonday, "other source")}, 2);
  Put(3, {MakeRow("a", kMonday, "other endpoint")}, 1, Endpoint::kUsers);
  EXPECT_THAT(Raw("a"), HasSubstr("here"));
  EXPECT_THAT(store().GetRow(2, Endpoint::kConversations, "a")->raw(), HasSubstr("other source"));
  EXPECT_THAT(store().GetRow(1, Endpoint::kUsers, "a")->raw(), HasSubstr("other endpoint"));
}

TEST_P(StoreContract, ALaterStampReplacesAndAnOlderOneDoesNot) {
  EXPECT_EQ(Put(1, {MakeRow("a", kMonday, "first")}).counts.inserted(), 1u);
  EXPECT_EQ(Put(2, {MakeRow("a", kTuesday, "second")}).counts.updated(), 1u);
  EXPECT_EQ(Put(3, {MakeRow("a", kMonday, "first")}).counts.older(), 1u);
  EXPECT_EQ(Put(4, {MakeRow("a", "", "no stamp")}).counts.older(), 1u);
  Reopen();
  EXPECT_THAT(Raw("a"), HasSubstr("second"));
  EXPECT_THAT(ChangeNumbers(0), ElementsAre(2));
}

TEST_P(StoreContract, AmongEqualStampsTheLaterPermitWinsWhateverTheOrderOfArrival) {
  Put(5, {MakeRow("a", kMonday, "permit 5")});
  EXPECT_EQ(Put(4, {MakeRow("a", kMonday, "permit 4")}).counts.older(), 1u);
  EXPECT_THAT(Raw("a"), HasSubstr("permit 5"));
  EXPECT_EQ(Put(6, {MakeRow("a", kMonday, "permit 6")}).counts.updated(), 1u);
  EXPECT_THAT(Raw("a"), HasSubstr("permit 6"));
}

TEST_P(StoreContract, ReadingAWindowAgainWritesNoRowAndSpendsNoNumber) {
  const std::vector<v1::Row> rows = {MakeRow("a", kMonday), MakeRow("b", ""), MakeRow("c", kTuesday)};
  EXPECT_EQ(Put(1, rows).last_change, 3u);
  Reopen();
  v1::Row spelled_otherwise = rows[0];
  spelled_otherwise.set_raw(absl::StrCat(" ", rows[0].raw(), "\n"));
  const Committed again = Put(2, {spelled_otherwise, rows[1], rows[2]});
  EXPECT_EQ(again.counts.identical(), 3u);
  EXPECT_EQ(again.counts.fetched(), 3u);
  EXPECT_EQ(again.last_change, 3u);
  EXPECT_EQ(Raw("a"), rows[0].raw());
  EXPECT_THAT(ChangeNumbers(0), ElementsAre(1, 2, 3));
}

TEST_P(StoreContract, AnIdTwiceInOnePageMeetsItself) {
  const Committed committed =
      Put(1, {MakeRow("a", kMonday, "old"), MakeRow("a", kTuesday, "new", "2026-03-20T00:00:00Z"),
              MakeRow("a", kMonday, "old")});
  EXPECT_EQ(committed.counts.inserted(), 1u);
  EXPECT_EQ(committed.counts.updated(), 1u);
  EXPECT_EQ(committed.counts.older(), 1u);
  EXPECT_THAT(Raw("a"), HasSubstr("new"));
  EXPECT_THAT(ChangeNumbers(0), ElementsAre(committed.last_change));
  EXPECT_THAT(Days(), ElementsAre(std::pair(20532, 1u)));
}

TEST_P(StoreContract, EachRowStandsOnceInTheChangeSequenceUnderItsLastNumber) {
  Put(1, {MakeRow("a", kMonday), MakeRow("b", kMonday), MakeRow("c", kMonday)});
  Put(2, {MakeRow("b", kTuesday)});
  Reopen();
  EXPECT_THAT(ChangeNumbers(0), ElementsAre(1, 3, 4));
  EXPECT_THAT(ChangeNumbers(3), ElementsAre(4));
  EXPECT_THAT(ChangeNumbers(4), IsEmpty());
  ASSERT_OK_AND_ASSIGN(const Changes changes, store().ReadChanges(1, 3, 1 << 20));
  EXPECT_EQ(changes.changes[0].row().id(), "b");
  EXPECT_EQ(changes.changes[0].endpoint(), v1::CONVERSATIONS);
  EXPECT_EQ(changes.changes[0].row().last_updated_time().seconds(),
            absl::ToUnixSeconds(*ParseStamp(kTuesday)));
  EXPECT_EQ(changes.through, 4u);
  EXPECT_EQ(changes.head, 4u);
}

TEST_P(StoreContract, ChangesComeInPiecesThatJoinWithoutAGap) {
  for (uint64_t page = 1; page <= 5; ++page) {
    Put(page, {MakeRow(absl::StrCat("a", page), kMonday), MakeRow(absl::StrCat("b", page), kMonday)});
  }
  Put(9, {MakeRow("a3", kTuesday)});
  std::vector<uint64_t> numbers;
  uint64_t after = 0;
  for (int pieces = 0; after < 11; ++pieces) {
    ASSERT_LT(pieces, 12);
    ASSERT_OK_AND_ASSIGN(const Changes changes, store().ReadChanges(1, after, 1));  // at least one row
    ASSERT_EQ(changes.head, 11u);
    ASSERT_GT(changes.through, after);
    for (const v1::Change& change : changes.changes) numbers.push_back(change.number());
    after = changes.through;
  }
  EXPECT_THAT(numbers, ElementsAre(1, 2, 3, 4, 6, 7, 8, 9, 10, 11));
}

TEST_P(StoreContract, ACursorBeyondTheHeadIsOutOfRange) {
  Put(1, {MakeRow("a", kMonday)});
  EXPECT_THAT(store().ReadChanges(1, 2, 100), StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("resync")));
  EXPECT_THAT(store().ReadChanges(2, 1, 100), StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("resync")));
  ASSERT_OK_AND_ASSIGN(const Changes none, store().ReadChanges(2, 0, 100));
  EXPECT_EQ(none.head, 0u);
}

TEST_P(StoreContract, TheChangeSequencesOfSourcesAreApart) {
  Put(1, {MakeRow("a", kMonday), MakeRow("b", kMonday)});
  EXPECT_EQ(Put(1, {MakeRow("c", kMonday)}, 2).last_change, 1u);
  EXPECT_EQ(Put(2, {MakeRow("d", kMonday)}).last_change, 3u);
  EXPECT_THAT(ChangeNumbers(0), ElementsAre(1, 2, 3));
}

TEST_P(StoreContract, ScanGivesOneEndpointInByteOrderOfIdUntilToldToStop) {
  Put(1, {MakeRow("b", kMonday), MakeRow("\xFF", kMonday), MakeRow("a", kMonday), MakeRow("aa", kMonday)});
  Put(2, {MakeRow("A", kMonday)}, 1, Endpoint::kUsers);
  Put(3, {MakeRow("0", kMonday)}, 2);
  std::vector<std::string> ids;
  EXPECT_OK(store().ScanRows(1, Endpoint::kConversations, [&](v1::Row row) {
    ids.push_back(row.id());
    return true;
  }));
  EXPECT_THAT(ids, ElementsAre("a", "aa", "b", "\xFF"));
  ids.clear();
  EXPECT_OK(store().ScanRows(1, Endpoint::kConversations, [&](v1::Row row) {
    ids.push_back(row.id());
    return ids.size() < 2;
  }));
  EXPECT_THAT(ids, ElementsAre("a", "aa"));
}

TEST_P(StoreContract, ALongScanGivesEveryRowOnce) {
  for (int page = 0; page < 5; ++page) {
    std::vector<v1::Row> rows;
    for (int i = 0; i < 300; ++i) rows.push_back(MakeRow(absl::StrCat((i * 7919 + page) % 1500), kMonday));
    Put(page + 1, std::move(rows));
  }
  std::map<std::string, int> seen;
  std::string last;
  EXPECT_OK(store().ScanRows(1, Endpoint::kConversations, [&](v1::Row row) {
    EXPECT_GT(row.id(), last);
    last = row.id();
    ++seen[row.id()];
    return true;
  }));
  uint64_t counted = 0;
  for (const auto& [day, rows] : Days()) counted += rows;
  EXPECT_EQ(seen.size(), counted);
}

TEST_P(StoreContract, DayCountersFollowTheRows) {
  Put(1, {MakeRow("a", kMonday, "", "2026-03-18T23:59:59.999Z"),
          MakeRow("b", kMonday, "", "2026-03-19T00:00:00.000Z"), MakeRow("c", kMonday, "", "someday")});
  EXPECT_THAT(Days(), ElementsAre(std::pair(kNoDay, 1u), std::pair(20530, 1u), std::pair(20531, 1u)));
  Put(2, {MakeRow("a", kTuesday, "", "2026-03-19T01:00:00+02:00"),
          MakeRow("b", kTuesday, "", "1969-12-31T23:00:00Z"), MakeRow("c", kMonday, "", "someday")});
  Reopen();
  EXPECT_THAT(Days(), ElementsAre(std::pair(kNoDay, 1u), std::pair(-1, 1u), std::pair(20530, 1u)));
  EXPECT_THAT(Days(Endpoint::kUsers), IsEmpty());
}

TEST_P(StoreContract, AQuarantinedRecordIsKeptOnceUnderTheHashOfItsBytes) {
  PageWrite page = MakePage(1, {});
  page.quarantined = {MakeQuarantined("{}"), MakeQuarantined("{}"), MakeQuarantined("[1]")};
  ASSERT_OK_AND_ASSIGN(const Committed first, store().Commit(MakeBatch(page)));
  EXPECT_EQ(first.counts.quarantined(), 2u);
  EXPECT_EQ(first.counts.identical(), 1u);
  EXPECT_EQ(first.counts.fetched(), 3u);
  page.window = 2000;
  page.now += absl::Hours(1);
  EXPECT_OK(store().Commit(MakeBatch(page)));
  Reopen();
  ASSERT_OK_AND_ASSIGN(const std::vector<Quarantined> list, store().ListQuarantine(1));
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[1].name, "44136fa355b3678a");  // sha256("{}")
  EXPECT_EQ(list[1].endpoint, Endpoint::kConversations);
  EXPECT_EQ(list[1].record.raw(), "{}");
  EXPECT_EQ(list[1].record.reason(), "it has no id");
  EXPECT_EQ(list[1].record.window(), 1001u);
  EXPECT_EQ(list[1].record.first_seen().seconds(), 1'773'000'000);
  EXPECT_THAT(*store().ListQuarantine(2), IsEmpty());
}

TEST_P(StoreContract, CountsAddUp) {
  Put(1, {MakeRow("same", kMonday), MakeRow("newer", kMonday), MakeRow("older", kTuesday)});
  PageWrite page = MakePage(2, {MakeRow("same", kMonday), MakeRow("newer", kTuesday),
                                MakeRow("older", kMonday), MakeRow("fresh", kMonday)});
  page.quarantined = {MakeQuarantined("{}")};
  ASSERT_OK_AND_ASSIGN(const Committed committed, store().Commit(MakeBatch(page)));
  const v1::PageCounts& counts = committed.counts;
  EXPECT_EQ(counts.inserted(), 1u);
  EXPECT_EQ(counts.updated(), 1u);
  EXPECT_EQ(counts.identical(), 1u);
  EXPECT_EQ(counts.older(), 1u);
  EXPECT_EQ(counts.quarantined(), 1u);
  EXPECT_EQ(counts.fetched(), 5u);
}

// One of every kind, and a second one beside it that must not share its key.
std::vector<Record> EveryKind() {
  std::vector<Record> records;
  for (uint64_t n : {7u, 8u}) {
    storage::JobRecord job;
    job.set_number(n);
    storage::WindowRecord window;
    window.set_number(1000 + n);
    storage::SlotRecord slot, users_slot;
    slot.set_source(1);
    slot.set_index(n);
    slot.set_permit(n);
    users_slot = slot;
    users_slot.set_ring(1);
    storage::BudgetRecord budget;
    budget.set_source(n - 6);
    storage::LoadRecord load;
    load.set_source(1);
    load.set_destination(absl::StrCat("warehouse-", n));
    for (const Record& record : std::vector<Record>{job, window, slot, users_slot, budget, load}) {
      records.push_back(record);
    }
  }
  return records;
}

std::string Describe(const Record& record) {
  return std::visit(
      [](const auto& message) {
        return absl::StrCat(message.GetTypeName(), ": ", message.ShortDebugString());
      },
      record);
}

std::vector<std::string> AllRecords(const Store& store) {
  std::vector<std::string> all;
  EXPECT_OK(store.ForEachRecord([&](Record record) { all.push_back(Describe(record)); }));
  std::sort(all.begin(), all.end());
  return all;
}

TEST_P(StoreContract, RecoveryGivesEveryFactOnceInItsLastVersion) {
  std::vector<Record> records = EveryKind();
  EXPECT_OK(store().Commit(MakeBatch(records)));
  std::get<storage::JobRecord>(records[0]).set_requested_by("alice");
  std::get<storage::SlotRecord>(records[2]).set_permit(99);
  EXPECT_OK(store().Commit(MakeBatch({records[0], records[2]})));
  Reopen();
  std::vector<std::string> expected;
  for (const Record& record : records) expected.push_back(Describe(record));
  expected.push_back(Describe(MakeSource(1)));
  expected.push_back(Describe(MakeSource(2)));
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(AllRecords(store()), expected);
}

TEST_P(StoreContract, TheWindowsProgressIsWrittenWithThePage) {
  Batch batch = MakeBatch({MakeSource(1)}, MakePage(1, {MakeRow("a", kMonday), MakeRow("b", kMonday)}));
  int calls = 0;
  batch.finish = [&](const v1::PageCounts& counts) {
    ++calls;
    storage::WindowRecord window;
    window.set_number(1001);
    window.mutable_counts()->set_inserted(counts.inserted());
    return std::vector<Record>{window};
  };
  ASSERT_OK_AND_ASSIGN(const Committed committed, store().Commit(std::move(batch)));
  EXPECT_EQ(calls, 1);
  ASSERT_EQ(committed.records.size(), 2u);
  EXPECT_EQ(std::get<storage::SourceRecord>(committed.records[0]).last_change(), 2u);
  EXPECT_EQ(std::get<storage::WindowRecord>(committed.records[1]).counts().inserted(), 2u);
  Reopen();
  EXPECT_THAT(AllRecords(store()), ::testing::Contains(Describe(committed.records[1])));
}

TEST_P(StoreContract, WhoeverCommitsIsToldThatTheChangeSequenceMoved) {
  Put(1, {MakeRow("a", kMonday)});
  const Committed moved = Put(2, {MakeRow("b", kMonday)});
  ASSERT_EQ(moved.records.size(), 1u);
  EXPECT_EQ(std::get<storage::SourceRecord>(moved.records[0]).last_change(), 2u);
  EXPECT_EQ(Put(3, {MakeRow("b", kMonday)}).records.size(), 0u);
}

TEST_P(StoreContract, TheStoreAloneKeepsTheEndOfTheChangeSequence) {
  Put(1, {MakeRow("a", kMonday), MakeRow("b", kMonday)});
  storage::SourceRecord lie = MakeSource(1);
  lie.set_last_change(1000);
  lie.set_blocked("401");
  ASSERT_OK_AND_ASSIGN(const Committed committed, store().Commit(MakeBatch({lie})));
  EXPECT_EQ(std::get<storage::SourceRecord>(committed.records[0]).last_change(), 2u);
  Reopen();
  EXPECT_EQ(Put(2, {MakeRow("c", kMonday)}).last_change, 3u);
  storage::SourceRecord truth = lie;
  truth.set_last_change(3);
  EXPECT_THAT(AllRecords(store()), ::testing::Contains(Describe(truth)));
}

}  // namespace
}  // namespace penstock::store
