// SPDX-License-Identifier: Apache-2.0
// What Store::Check finds in a damaged store, and that it finds nothing in a whole one.
#include <atomic>
#include <filesystem>

#include "store/rocks_database.h"
#include "tests/store/damage_fixture.h"

namespace penstock::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class RocksCheck : public RocksFixture {
 protected:
  RocksCheck() {
    write_buffer_bytes_ = 256 << 10;
    OpenNew();
    CommitPages(60);
  }
  StoreCheck Check() {
    absl::StatusOr<StoreCheck> check = store_->Check(stop_);
    EXPECT_OK(check);
    return check.value_or(StoreCheck());
  }
  // Changes a value behind the store's back, then opens it.
  void Tamper(const std::function<void(Database&)>& change) {
    store_.reset();
    RocksStoreOptions options;
    options.directory = path();
    absl::StatusOr<std::unique_ptr<Database>> database =
        Database::Open(*env_, path() + "/db", options, Database::OpenOptions());
    ASSERT_OK(database);
    change(**database);
    database->reset();
    Open();
  }
  static void Put(Database& database, Family family, const std::string& key, const std::string& value) {
    ASSERT_TRUE(database.db().Put(rocksdb::WriteOptions(), database.family(family), key, value).ok());
  }

  std::atomic<bool> stop_ = false;
};

TEST_F(RocksCheck, FindsNothingInAWholeStoreAlsoWhenItIsOpenForReading) {
  // Some are replaced, and some are erased.
  PageWrite again = NumberedPage(1);
  again.permit = 100;
  for (size_t i = 0; i < again.rows.size(); ++i) again.rows[i].set_raw(NumberedPage(61).rows[i].raw());
  ASSERT_OK(store_->Commit(MakeBatch(std::move(again))));
  Batch erase;
  erase.erasure = Erasure{1, {{Endpoint::kConversations, "row-2-0", "stands-for-it"}}, {}, {}};
  ASSERT_OK(store_->Commit(std::move(erase)));
  for (int round = 0; round < 2; ++round) {
    const StoreCheck check = Check();
    EXPECT_EQ(check.rows, 60u * kRowsPerPage);
    EXPECT_GE(check.changes, check.rows);
    EXPECT_GT(check.bytes, 0u);
    EXPECT_THAT(check.differences, IsEmpty());
    store_.reset();
    read_only_ = true;
    Open();
  }
}

TEST_F(RocksCheck, ABitThatFlippedInATableIsNamedWithItsFile) {
  store_.reset();
  Open();  // everything is in tables now
  store_.reset();
  std::string table;
  for (const auto& entry : fs::directory_iterator(path() + "/db")) {
    if (entry.path().extension() == ".sst" && (table.empty() || entry.file_size() > fs::file_size(table)))
      table = entry.path();
  }
  std::string bytes = ReadFile(table);
  bytes[bytes.size() / 3] ^= 4;
  WriteFile(table, bytes);
  Open();
  const StoreCheck check = Check();
  EXPECT_EQ(check.differing, 1u);
  EXPECT_THAT(check.differences, ElementsAre(HasSubstr(fs::path(table).filename().string())));
}

TEST_F(RocksCheck, AnIdThatPointsElsewhereIsNamedByItsChange) {
  Tamper([](Database& database) {
    storage::RowPlace place;
    const std::string key = RowKey{1, Endpoint::kConversations, "row-3-0"}.Encode();
    ASSERT_OK(database.Get(rocksdb::ReadOptions(), Family::kRows, key, place));
    place.set_change(place.change() + 1);
    Put(database, Family::kRows, key, EncodeValue(place));
  });
  const StoreCheck check = Check();
  EXPECT_GE(check.differing, 1u);
  EXPECT_THAT(check.differences.front(),
              HasSubstr("change 17 of source 1 (conversations) is not where its id points to"));
}

TEST_F(RocksCheck, ARowThatIsGoneAndACounterThatIsWrongAreFound) {
  Tamper([](Database& database) {
    const std::string row = ChangeKey{1, 5}.Encode();
    ASSERT_TRUE(database.db().Delete(rocksdb::WriteOptions(), database.family(Family::kChanges), row).ok());
  });
  EXPECT_THAT(Check().differences, ElementsAre(HasSubstr("480 ids, but 479 rows in the change sequence"),
                                               HasSubstr("the counters by day")));
}

TEST_F(RocksCheck, EndsWhenItIsStopped) {
  stop_ = true;
  EXPECT_THAT(store_->Check(stop_), StatusIs(absl::StatusCode::kCancelled, HasSubstr("stopped")));
}

}  // namespace
}  // namespace penstock::store
