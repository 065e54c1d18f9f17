// SPDX-License-Identifier: Apache-2.0
// Erasure, asked of every store.
#include <algorithm>
#include <atomic>
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

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kStamp[] = "2026-03-20T06:00:00.000Z";
constexpr char kLater[] = "2026-03-21T06:00:00.000Z";
constexpr Endpoint kConversations = Endpoint::kConversations;

class ErasureContract : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    Open();
    ASSERT_OK(store_->Commit(
        MakeBatch({MakeSource(1)},
                  MakePage(1, {MakeRow("anns", kStamp), MakeRow("bobs", kStamp), MakeRow("cars", kStamp)}))));
  }
  void Open() {
    if (std::string(GetParam()) == "Memory") {
      if (store_ == nullptr) store_ = NewMemoryStore("00000000000000aa", 7);
      return;
    }
    store_.reset();
    RocksStoreOptions options;
    options.directory = directory_.path();
    ASSERT_OK_AND_ASSIGN(store_, OpenRocksStore(options, clock_, random_));
  }
  Committed Erase(std::vector<Erasure::Row> rows, std::vector<Erasure::Record> quarantined = {}) {
    Batch batch;
    batch.erasure = Erasure{1, std::move(rows), std::move(quarantined), {}};
    absl::StatusOr<Committed> committed = store_->Commit(std::move(batch));
    EXPECT_OK(committed);
    return committed.ok() ? *std::move(committed) : Committed();
  }
  Committed Put(uint64_t permit, v1::Row row) {
    absl::StatusOr<Committed> committed = store_->Commit(MakeBatch(MakePage(permit, {std::move(row)})));
    EXPECT_OK(committed);
    return committed.ok() ? *std::move(committed) : Committed();
  }
  // What takes the record's place when its person's records come again.
  static v1::Row StandIn(const std::string& id, const std::string& stamp) {
    v1::Row row = MakeRow(id, stamp);
    row.clear_raw();
    row.set_stand_in(true);
    return row;
  }
  // "2 bobs", "4 erased anns", "5 for h1": number and id.
  std::vector<std::string> ChangesAfter(uint64_t after) {
    std::vector<std::string> words;
    const absl::StatusOr<Changes> changes = store_->ReadChanges(1, after, 1 << 20);
    EXPECT_OK(changes);
    for (const v1::Change& change : changes->changes) {
      EXPECT_EQ(change.erased() || change.row().stand_in(), change.row().raw().empty());
      words.push_back(absl::StrCat(change.number(),
                                   change.erased()           ? " erased "
                                   : change.row().stand_in() ? " for "
                                                             : " ",
                                   change.row().id()));
    }
    return words;
  }
  std::vector<std::string> Ids() {
    std::vector<std::string> ids;
    EXPECT_OK(store_->ScanRows(1, kConversations, [&](const v1::Row& row) {
      ids.push_back(row.id());
      return true;
    }));
    return ids;
  }
  uint64_t Counted() {
    return store_->CountRows(1, kConversations, std::nullopt, std::nullopt).value_or(999);
  }
  uint64_t CountedInPartOfTheDay() {
    return store_
        ->CountRows(1, kConversations, ParseStamp("2026-03-18T09:00:00Z"), ParseStamp("2026-03-18T11:00:00Z"))
        .value_or(999);
  }

  TestDirectory directory_;
  FakeClock clock_;
  SeededRandom random_{1};
  std::unique_ptr<Store> store_;
};

TEST_P(ErasureContract, AnErasedRowIsGoneAndTheOthersStay) {
  Erase({{kConversations, "anns", "h1"}, {kConversations, "cars", "h2"}});
  EXPECT_THAT(Ids(), ElementsAre("bobs"));
  for (const char* id : {"anns", "h1"})
    EXPECT_THAT(store_->GetRow(1, kConversations, id), StatusIs(absl::StatusCode::kNotFound, ::testing::_));
}

TEST_P(ErasureContract, TheChangeSequenceTellsWhatWasErasedToWhoeverReadsOn) {
  EXPECT_THAT(ChangesAfter(0), ElementsAre("1 anns", "2 bobs", "3 cars"));
  EXPECT_EQ(Erase({{kConversations, "anns", "h1"}}).last_change, 5u);
  EXPECT_THAT(ChangesAfter(3), ElementsAre("4 for h1", "5 erased anns"));
  EXPECT_THAT(ChangesAfter(0), ElementsAre("2 bobs", "3 cars", "4 for h1", "5 erased anns"));
}

TEST_P(ErasureContract, ALongRunOfErasedRowsIsReadInPartsLikeAnyOther) {
  for (int i = 0; i < 4; ++i)
    Erase({{Endpoint::kUsers, absl::StrCat(std::string(400, 'a'), i), absl::StrCat("h", i)}});
  ASSERT_OK_AND_ASSIGN(const Changes changes, store_->ReadChanges(1, 3, 1'000));
  EXPECT_THAT(changes.changes, SizeIs(2));
  EXPECT_EQ(changes.through, 5u);
  EXPECT_EQ(changes.head, 7u);
}

TEST_P(ErasureContract, ARowThatIsNotStoredIsToldOfToo) {
  Erase({{Endpoint::kUsers, "ann", "h1"}});
  EXPECT_THAT(ChangesAfter(3), ElementsAre("4 erased ann"));
  EXPECT_EQ(store_->CountRows(1, Endpoint::kUsers, std::nullopt, std::nullopt).value_or(999), 0u);
}

TEST_P(ErasureContract, CountsStayThoseOfTheSource) {
  const auto days = *store_->DayCounts(1, kConversations);
  const auto stamps = *store_->StampCounts(1, kConversations, 0);
  Erase({{kConversations, "anns", "h1"}, {kConversations, "bobs", "h2"}});
  EXPECT_EQ(Counted(), 3u);
  EXPECT_EQ(CountedInPartOfTheDay(), 3u);
  ASSERT_THAT(*store_->DayCounts(1, kConversations), SizeIs(1));
  EXPECT_EQ(store_->DayCounts(1, kConversations)->front().rows, days.front().rows);
  EXPECT_EQ(*store_->StampCounts(1, kConversations, 0), stamps);
}

TEST_P(ErasureContract, TheRecordReadAgainIsAnIdenticalOneAndANewVersionOfItAnUpdatedOne) {
  Erase({{kConversations, "anns", "h1"}});
  EXPECT_EQ(Put(2, StandIn("h1", kStamp)).counts.identical(), 1u);
  EXPECT_EQ(Put(3, StandIn("h1", kLater)).counts.updated(), 1u);
  EXPECT_EQ(Put(4, StandIn("h2", kLater)).counts.inserted(), 1u);
  EXPECT_EQ(Counted(), 4u);
  EXPECT_THAT(Ids(), ElementsAre("bobs", "cars"));
}

TEST_P(ErasureContract, ARowThatCameBackIsErasedAgainAndCountsOnce) {
  Erase({{kConversations, "anns", "h1"}});
  Put(2, MakeRow("anns", kLater));
  EXPECT_EQ(Counted(), 4u);
  Erase({{kConversations, "anns", "h1"}});
  EXPECT_EQ(Counted(), 3u);
  EXPECT_THAT(Ids(), ElementsAre("bobs", "cars"));
}

TEST_P(ErasureContract, AnIdThatIsNamedTwiceIsErasedOnce) {
  Erase({{kConversations, "anns", "h1"}, {kConversations, "anns", "h1"}});
  EXPECT_EQ(Counted(), 3u);
  EXPECT_THAT(ChangesAfter(3), ElementsAre("4 for h1", "5 erased anns"));
}

TEST_P(ErasureContract, AnotherRecordTakesThePlaceOfAQuarantinedOne) {
  PageWrite page = MakePage(2, {});
  page.quarantined = {MakeQuarantined(R"({"id":null,"email_addr":"ann@example.com"})"),
                      MakeQuarantined("{}")};
  ASSERT_OK(store_->Commit(MakeBatch(std::move(page))));
  const std::vector<Quarantined> before = *store_->ListQuarantine(1);
  ASSERT_THAT(before, SizeIs(2));
  const size_t anns = before[0].record.raw() == "{}" ? 1 : 0;
  storage::QuarantineRecord stand_in;
  stand_in.set_raw("h1");
  stand_in.set_reason("erased");
  Erase({}, {{kConversations, before[anns].name, stand_in}});
  std::vector<std::string> after;
  const std::vector<Quarantined> kept = *store_->ListQuarantine(1);
  for (const Quarantined& record : kept) after.push_back(record.record.raw());
  EXPECT_THAT(after, ::testing::UnorderedElementsAre("{}", "h1"));

  // What stands for it comes again: it is known.
  page = MakePage(3, {});
  page.quarantined = {MakeQuarantined("h1")};
  ASSERT_OK(store_->Commit(MakeBatch(std::move(page))));
  EXPECT_THAT(*store_->ListQuarantine(1), SizeIs(2));
}

TEST_P(ErasureContract, WordThatEveryoneHeardIsTakenOutAndNothingElseMoves) {
  Erase({{kConversations, "anns", "h1"}, {Endpoint::kUsers, "ann", "h2"}});
  ASSERT_THAT(ChangesAfter(3), ElementsAre("4 for h1", "5 erased anns", "6 erased ann"));
  Batch batch;
  batch.erasure = Erasure{1, {}, {}, {5, 6}};
  ASSERT_OK_AND_ASSIGN(const Committed committed, store_->Commit(std::move(batch)));
  EXPECT_EQ(committed.last_change, 6u);
  EXPECT_THAT(ChangesAfter(0), ElementsAre("2 bobs", "3 cars", "4 for h1"));
  EXPECT_EQ(Counted(), 3u);
  EXPECT_EQ(Put(9, MakeRow("dans", kStamp)).last_change, 7u);
}

TEST_P(ErasureContract, FactsOfTheSameBatchAreThereWithIt) {
  storage::SourceRecord source = MakeSource(1);
  source.set_blocked("for the test");
  Batch batch;
  batch.records = {source};
  batch.erasure = Erasure{1, {{kConversations, "anns", "h1"}}, {}, {}};
  ASSERT_OK_AND_ASSIGN(const Committed committed, store_->Commit(std::move(batch)));
  ASSERT_THAT(committed.records, SizeIs(1));
  EXPECT_EQ(std::get<storage::SourceRecord>(committed.records[0]).last_change(), 5u);
  EXPECT_EQ(committed.counts.fetched(), 0u);
}

TEST_P(ErasureContract, EverythingOfItOutlivesARestartAndAScour) {
  Erase({{kConversations, "anns", "h1"}});
  std::atomic<bool> stop = false;
  ASSERT_OK(store_->Scour(1, stop));
  Open();
  EXPECT_THAT(Ids(), ElementsAre("bobs", "cars"));
  EXPECT_THAT(ChangesAfter(0), ElementsAre("2 bobs", "3 cars", "4 for h1", "5 erased anns"));
  EXPECT_EQ(Counted(), 3u);
  EXPECT_EQ(Put(9, MakeRow("dans", kStamp)).last_change, 6u);
}

TEST_P(ErasureContract, WhoIsForgottenAndWhatWasErasedAreFactsEachUnderItsOwnKey) {
  Batch batch;
  for (uint32_t source : {1u, 2u}) {
    for (const char digit : {'7', '8'}) {
      storage::SuppressionRecord suppression;
      suppression.set_source(source);
      suppression.set_hash(std::string(64, digit));
      batch.records.push_back(suppression);
      storage::ErasureRecord erasure;
      erasure.set_source(source);
      erasure.set_number(static_cast<uint64_t>(digit - '0'));
      batch.records.push_back(erasure);
    }
  }
  const std::vector<Record> first = batch.records;
  ASSERT_OK(store_->Commit(std::move(batch)));
  storage::ErasureRecord again = std::get<storage::ErasureRecord>(first[1]);
  again.set_quarantined(5);
  ASSERT_OK(store_->Commit(MakeBatch({again})));
  Open();
  std::vector<std::string> hashes, erasures;
  ASSERT_OK(store_->ForEachRecord([&](const Record& record) {
    if (const auto* suppression = std::get_if<storage::SuppressionRecord>(&record))
      hashes.push_back(absl::StrCat(suppression->source(), suppression->hash().substr(0, 1)));
    if (const auto* erasure = std::get_if<storage::ErasureRecord>(&record))
      erasures.push_back(absl::StrCat(erasure->source(), erasure->number(), ":", erasure->quarantined()));
  }));
  EXPECT_THAT(hashes, ::testing::UnorderedElementsAre("17", "18", "27", "28"));
  EXPECT_THAT(erasures, ::testing::UnorderedElementsAre("17:5", "18:0", "27:0", "28:0"));
}

TEST_P(ErasureContract, AnIdThatNoRowCanHaveIsRefusedAndNothingIsWritten) {
  Batch batch;
  batch.erasure = Erasure{1, {{kConversations, "anns", "h1"}, {kConversations, "", "h2"}}, {}, {}};
  EXPECT_THAT(store_->Commit(std::move(batch)), StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_));
  EXPECT_THAT(ChangesAfter(3), IsEmpty());
  EXPECT_THAT(Ids(), SizeIs(3));
}

INSTANTIATE_TEST_SUITE_P(EveryStore, ErasureContract, ::testing::Values("Memory", "Rocks"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace penstock::store
