// SPDX-License-Identifier: Apache-2.0
// Opening, closing and sharing a state directory.
#include <fstream>

#include "rocksdb/db.h"
#include "store/encoding.h"
#include "tests/store/rocks_fixture.h"

namespace penstock::store {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class RocksOpen : public RocksFixture {};

TEST_F(RocksOpen, EveryOpeningHasAGreaterEpochWhateverTheClockSays) {
  Open();
  const uint64_t first = store_->epoch();
  EXPECT_EQ(first, static_cast<uint64_t>(absl::ToUnixSeconds(clock_.Now().wall)));
  Open();
  EXPECT_EQ(store_->epoch(), first + 1);
  clock_.JumpWall(-absl::Hours(24));
  Open();
  EXPECT_EQ(store_->epoch(), first + 2);
  clock_.JumpWall(absl::Hours(48));
  Open();
  EXPECT_EQ(store_->epoch(), static_cast<uint64_t>(absl::ToUnixSeconds(clock_.Now().wall)));
  EXPECT_GT(store_->epoch(), first + 2);
}

TEST_F(RocksOpen, NewStoresHaveDifferentIds) {
  Open();
  const std::string id = store_->store_id();
  EXPECT_EQ(id.size(), 16u);
  store_.reset();
  std::filesystem::remove_all(path());
  Open();
  EXPECT_NE(store_->store_id(), id);
}

TEST_F(RocksOpen, ASecondWriterIsRefusedAndNamesTheHolder) {
  Open();
  EXPECT_THAT(TryOpen(path()), StatusIs(absl::StatusCode::kFailedPrecondition,
                                        AllOf(HasSubstr("in use by pid"), HasSubstr("--state"))));
}

TEST_F(RocksOpen, AForeignDirectoryStaysAsItIs) {
  std::filesystem::create_directory(path());
  { std::ofstream(path() + "/photo.jpg") << "x"; }
  EXPECT_THAT(TryOpen(path()), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("photo.jpg")));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(path()), {}), 1);
}

TEST_F(RocksOpen, AnInterruptedCreationGoesOn) {
  std::filesystem::create_directories(path() + "/db");
  { std::ofstream(path() + "/LOCK") << "pid 1 on gone\n"; }
  OpenNew();
  CommitPages(1);
  store_.reset();
  pages_ = 0;
  // The database was made and the mark was not.
  std::filesystem::remove_all(path());
  Open();
  store_.reset();
  std::filesystem::remove(path() + "/commit-mark");
  OpenNew();
  CommitPages(1);
  EXPECT_OK(CheckPages(*store_, 1));
}

TEST_F(RocksOpen, AReaderSeesEverythingAndChangesNothing) {
  OpenNew();
  CommitPages(3);
  const std::string id = store_->store_id();
  const uint64_t epoch = store_->epoch();
  store_.reset();
  std::vector<std::string> before;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path()))
    before.push_back(entry.path());
  read_only_ = true;
  Open();
  EXPECT_OK(CheckPages(*store_, 3));
  EXPECT_EQ(store_->store_id(), id);
  EXPECT_EQ(store_->epoch(), epoch);
  EXPECT_EQ(store_->last_commit(), 4u);
  EXPECT_THAT(store_->Commit(MakeBatch(NumberedPage(4))),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("reading only")));
  store_.reset();
  std::vector<std::string> after;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path()))
    after.push_back(entry.path());
  EXPECT_THAT(after, ::testing::UnorderedElementsAreArray(before));
}

TEST_F(RocksOpen, AReaderWithoutAStoreIsToldHowToStartOne) {
  read_only_ = true;
  EXPECT_THAT(TryOpen(path()),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("penstock run --state " + path())));
  EXPECT_FALSE(std::filesystem::exists(path()));
}

// Writes into the database behind the store's back.
absl::Status Tamper(const std::string& path, const std::string& family, const std::string& key,
                    const std::string& value) {
  rocksdb::Options options;
  std::vector<std::string> names;
  rocksdb::Status status = rocksdb::DB::ListColumnFamilies(options, path + "/db", &names);
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (const std::string& name : names) descriptors.emplace_back(name, rocksdb::ColumnFamilyOptions());
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  if (status.ok()) status = rocksdb::DB::Open(options, path + "/db", descriptors, &handles, &db);
  if (!status.ok()) return absl::UnknownError(status.ToString());
  rocksdb::ColumnFamilyHandle* target = nullptr;
  for (rocksdb::ColumnFamilyHandle* handle : handles) {
    if (handle->GetName() == family) target = handle;
  }
  if (target == nullptr) {
    status = db->CreateColumnFamily(rocksdb::ColumnFamilyOptions(), family, &target);
    handles.push_back(target);
  } else {
    status = db->Put(rocksdb::WriteOptions(), target, key, value);
  }
  for (rocksdb::ColumnFamilyHandle* handle : handles)
    db->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  delete db;
  return status.ok() ? absl::OkStatus() : absl::UnknownError(status.ToString());
}

TEST_F(RocksOpen, AStoreOfANewerVersionIsRefusedUntouched) {
  OpenNew();
  store_.reset();
  ASSERT_OK(Tamper(path(), "default", IdentityKey().Encode(), "\x02whatever comes"));
  EXPECT_THAT(TryOpen(path()), StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("format 2")));
  std::filesystem::remove_all(path());
  OpenNew();
  store_.reset();
  ASSERT_OK(Tamper(path(), "forecasts", "", ""));
  EXPECT_THAT(TryOpen(path()), StatusIs(absl::StatusCode::kUnimplemented,
                                        AllOf(HasSubstr("newer version"), HasSubstr("'forecasts'"))));
}

TEST_F(RocksOpen, AValueThatCannotBeReadIsDataLossAndEndsTheCommits) {
  OpenNew();
  CommitPages(1);
  store_.reset();
  const v1::Row row = NumberedPage(1).rows[0];
  ASSERT_OK(Tamper(path(), "changes", ChangeKey{1, 1}.Encode(), "\x01\xFF"));
  Open();
  const auto damaged = StatusIs(absl::StatusCode::kDataLoss, HasSubstr("ChangedRow cannot be read"));
  EXPECT_THAT(store_->GetRow(1, Endpoint::kConversations, row.id()), damaged);
  EXPECT_THAT(store_->ReadChanges(1, 0, 100), damaged);
  EXPECT_THAT(store_->ScanRows(1, Endpoint::kConversations, [](v1::Row) { return true; }), damaged);
  EXPECT_THAT(store_->Commit(MakeBatch(NumberedPage(1))), damaged);
  EXPECT_THAT(store_->Commit(MakeBatch(NumberedPage(2))), damaged);
}

TEST_F(RocksOpen, ARowWhoseChangeIsGoneIsDataLossAndNotNotFound) {
  OpenNew();
  CommitPages(1);
  store_.reset();
  storage::RowPlace place;
  place.set_change(1000);
  const v1::Row row = NumberedPage(1).rows[0];
  ASSERT_OK(
      Tamper(path(), "rows", RowKey{1, Endpoint::kConversations, row.id()}.Encode(), EncodeValue(place)));
  Open();
  EXPECT_THAT(store_->GetRow(1, Endpoint::kConversations, row.id()),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("change 1000 of source 1 is gone")));
}

TEST_F(RocksOpen, ADayCounterNeverFallsBelowZeroQuietly) {
  OpenNew();
  CommitPages(1);
  store_.reset();
  storage::DayCounterRecord none;
  ASSERT_OK(Tamper(path(), "counters", DayCounterKey{1, Endpoint::kConversations, 20530}.Encode(),
                   EncodeValue(none)));
  Open();
  PageWrite moved =
      MakePage(9, {MakeRow("row-1-0", "2026-03-17T06:00:00.000Z", "", "2026-03-19T00:00:00.000Z")});
  EXPECT_THAT(store_->Commit(MakeBatch(moved)),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("day 20530")));
}

}  // namespace
}  // namespace penstock::store
