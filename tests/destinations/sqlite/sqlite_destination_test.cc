// SPDX-License-Identifier: Apache-2.0
#include "destinations/sqlite/sqlite_destination.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>

#include "absl/strings/str_cat.h"
#include "destinations/sqlite/connection.h"
#include "tests/destinations/sqlite/sqlite_warehouse.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::destinations::sqlite {

using ::testing::_;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kTable[] = "DATA_API_COPILOT_CONVERSATIONS";

TypedRow Conversation(const std::string& id, uint64_t change, size_t size = 2) {
  TypedRow row;
  row.endpoint = Endpoint::kConversations;
  row.stamp = absl::FromUnixSeconds(1'772'000'000);
  row.values = {id, row.stamp, Value(), Value(), Value(), std::string(size, 'x'), Value(), Value()};
  row.change = change;
  return row;
}

// The superuser may write everywhere; inside one of these the test is somebody who may not.
class OrdinaryUser {
 public:
  OrdinaryUser() : before_(geteuid()) { EXPECT_EQ(seteuid(before_ == 0 ? 65534 : before_), 0); }
  ~OrdinaryUser() { EXPECT_EQ(seteuid(before_), 0); }

 private:
  const uid_t before_;
};

// No file may grow beyond `bytes`, which to SQLite is a disk without room.
class SmallDisk {
 public:
  explicit SmallDisk(rlim_t bytes) {
    signal(SIGXFSZ, SIG_IGN);
    EXPECT_EQ(getrlimit(RLIMIT_FSIZE, &before_), 0);
    const rlimit small = {bytes, before_.rlim_max};
    EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  }
  ~SmallDisk() { EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &before_), 0); }

 private:
  rlimit before_;
};

class SqliteFile : public ::testing::Test {
 protected:
  SqliteDestination At(const std::string& path) {
    return SqliteDestination(path, clock_, absl::ZeroDuration());
  }

  const TemporaryFolder folder_;
  const std::string file_ = folder_ / "warehouse.db";
  FakeClock clock_;
  SqliteDestination destination_{file_, clock_, absl::ZeroDuration()};
};

TEST_F(SqliteFile, IsNotCreatedBeforeItIsNeeded) {
  ASSERT_OK(destination_.Check());
  ASSERT_OK(destination_.ReadCursor());
  EXPECT_THAT(destination_.Upsert({}, {}, {"s", 1}), StatusIs(absl::StatusCode::kNotFound, HasSubstr(file_)));
  EXPECT_FALSE(std::filesystem::exists(file_));
}

TEST_F(SqliteFile, KeepsAWriteAheadLogAndTheGuidesComments) {
  ASSERT_OK(destination_.EnsureTables());
  EXPECT_THAT(QuerySql(file_, "PRAGMA journal_mode"), ElementsAre(ElementsAre("wal")));
  const auto sql = QuerySql(file_, absl::StrCat("SELECT sql FROM sqlite_schema WHERE name = '", kTable, "'"));
  ASSERT_THAT(sql, SizeIs(1));
  EXPECT_THAT(sql[0][0], HasSubstr("-- The main detected domain in the conversation"));
}

TEST_F(SqliteFile, SaysHowFreshItIs) {
  ASSERT_OK(destination_.EnsureTables());
  ASSERT_OK(destination_.Upsert({Conversation("a", 1), Conversation("b", 2)}, {}, {"s", 2}));
  clock_.Advance(absl::Minutes(1));
  ASSERT_OK(destination_.Upsert({Conversation("c", 3)}, {"s", 2}, {"s", 3}));
  EXPECT_THAT(QuerySql(file_, "SELECT STORE_ID, CHANGE_NUMBER, LOADED_AT, ROWS_WRITTEN FROM PENSTOCK_LOADS"),
              ElementsAre(ElementsAre("s", "3", "2026-02-25T06:14:20.000Z", "3")));
}

TEST_F(SqliteFile, HoldsNoByteOfAnErasedRowOnceTheLoadIsOver) {
  const auto load = [&](const std::vector<TypedRow>& rows, uint64_t from, uint64_t to) {
    SqliteDestination destination = At(file_);
    ASSERT_OK(destination.EnsureTables());
    ASSERT_OK(destination.Upsert(rows, from == 0 ? LoadCursor() : LoadCursor{"s", from}, {"s", to}));
  };
  const auto bytes = [&] {
    std::ifstream in(file_, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  const std::string text(40, 'x');
  load({Conversation("of-ann", 1, 30'000), Conversation("of-bob", 2)}, 0, 2);
  EXPECT_THAT(bytes(), AllOf(HasSubstr("of-ann"), HasSubstr(text)));
  TypedRow erased;
  erased.values = {std::string("of-ann")};
  erased.change = 3;
  erased.erased = true;
  load({erased}, 2, 3);
  EXPECT_THAT(bytes(), AllOf(HasSubstr("of-bob"), ::testing::Not(HasSubstr("of-ann")),
                             ::testing::Not(HasSubstr(text))));
  EXPECT_FALSE(std::filesystem::exists(file_ + "-wal"));
}

TEST_F(SqliteFile, NeverMeansAnythingButAFile) {
  const std::string before = std::filesystem::current_path();
  std::filesystem::current_path(folder_.path());
  SqliteDestination destination = At(":memory:");
  EXPECT_OK(destination.Check());
  EXPECT_OK(destination.EnsureTables());
  std::filesystem::current_path(before);
  EXPECT_TRUE(std::filesystem::exists(folder_ / ":memory:"));
}

TEST_F(SqliteFile, OfAnotherKindIsRefusedUntouched) {
  const std::string letter = absl::StrCat("Dear Ada, ", std::string(5000, '.'));
  std::ofstream(file_) << letter;
  const auto refused = StatusIs(absl::StatusCode::kFailedPrecondition,
                                AllOf(HasSubstr(file_), HasSubstr("name another file")));
  EXPECT_THAT(destination_.Check(), refused);
  EXPECT_THAT(destination_.ReadCursor(), refused);
  EXPECT_THAT(destination_.EnsureTables(), refused);
  EXPECT_THAT(destination_.Upsert({}, {}, {"s", 1}), refused);
  std::ifstream in(file_);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), letter);
}

TEST_F(SqliteFile, ThatIsDamagedSaysHowToFillANewOne) {
  {
    SqliteDestination first = At(file_);
    ASSERT_OK(first.EnsureTables());
  }
  {
    // The first page keeps its header; what follows, the list of tables, is lost.
    std::fstream file(file_, std::ios::in | std::ios::out);
    file.seekp(100);
    file << std::string(4000, '\xFF');
  }
  EXPECT_THAT(destination_.EnsureTables(),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("the file is damaged")));
}

TEST_F(SqliteFile, InAFolderThatIsMissingIsNotFound) {
  SqliteDestination destination = At(folder_ / "no/warehouse.db");
  const auto missing = StatusIs(absl::StatusCode::kNotFound, HasSubstr("create the folder"));
  EXPECT_THAT(destination.Check(), missing);
  EXPECT_THAT(destination.EnsureTables(), missing);
  EXPECT_THAT(destination.ReadCursor(), missing);
}

TEST_F(SqliteFile, CannotBeAFolder) {
  SqliteDestination destination = At(folder_.path());
  EXPECT_THAT(destination.Check(),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("not a folder")));
  EXPECT_THAT(destination.EnsureTables(),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("not a folder")));
}

TEST_F(SqliteFile, InAFolderOfSomebodyElseIsDenied) {
  ASSERT_EQ(chmod(folder_.path().c_str(), 0555), 0);
  {
    const OrdinaryUser user;
    const auto denied = StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("let this user write"));
    EXPECT_THAT(destination_.Check(), denied);
    EXPECT_THAT(destination_.EnsureTables(), denied);
  }
  ASSERT_EQ(chmod(folder_.path().c_str(), 0755), 0);
}

TEST_F(SqliteFile, ThatMayOnlyBeReadIsDenied) {
  {
    SqliteDestination first = At(file_);
    ASSERT_OK(first.EnsureTables());
  }
  ASSERT_EQ(chmod(file_.c_str(), 0444), 0);
  ASSERT_EQ(chmod(folder_.path().c_str(), 0777), 0);
  const OrdinaryUser user;
  const auto denied = StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("can be read but not written"));
  EXPECT_THAT(destination_.Check(), denied);
  EXPECT_THAT(destination_.EnsureTables(), denied);
  EXPECT_THAT(destination_.Upsert({}, {}, {"s", 1}), denied);
}

TEST_F(SqliteFile, OnAFullDiskTakesAllOfABatchOrNothing) {
  ASSERT_OK(destination_.EnsureTables());
  ASSERT_OK(destination_.Upsert({Conversation("a", 1)}, {}, {"s", 1}));
  std::vector<TypedRow> rows;
  for (int i = 2; i < 102; ++i) rows.push_back(Conversation(absl::StrCat("row", i), i, 1 << 20));
  {
    const SmallDisk disk(4 << 20);
    EXPECT_THAT(destination_.Upsert(rows, {"s", 1}, {"s", 101}),
                StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("make room")));
    EXPECT_THAT(destination_.ReadCursor()->change, 1u);
  }
  EXPECT_THAT(QuerySql(file_, absl::StrCat("SELECT * FROM ", kTable)), SizeIs(1));
  ASSERT_OK_AND_ASSIGN(const BatchCounts counts, destination_.Upsert(rows, {"s", 1}, {"s", 101}));
  EXPECT_EQ(counts.written, 100u) << "with room again the same batch loads";
}

TEST_F(SqliteFile, ThatSomebodyElseWritesIsUnavailableForNow) {
  ASSERT_OK(destination_.EnsureTables());
  {
    ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Connection> other, Connection::Open(file_, {}));
    ASSERT_OK_AND_ASSIGN(const Transaction theirs, Transaction::Begin(other.get()));
    const auto busy = StatusIs(absl::StatusCode::kUnavailable, HasSubstr("tried again"));
    EXPECT_THAT(destination_.Upsert({Conversation("a", 1)}, {}, {"s", 1}), busy);
    EXPECT_THAT(destination_.EnsureTables(), busy);
    EXPECT_THAT(destination_.Check(), busy);
    EXPECT_OK(destination_.ReadCursor()) << "readers do not wait";
  }
  EXPECT_OK(destination_.Upsert({Conversation("a", 1)}, {}, {"s", 1}));
}

TEST_F(SqliteFile, CanBeReadBesideTheLoad) {
  ASSERT_OK(destination_.EnsureTables());
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Connection> reader, Connection::Open(file_, {}));
  ASSERT_OK(reader->Execute("BEGIN"));
  ASSERT_OK_AND_ASSIGN(Statement count, reader->Prepare(absl::StrCat("SELECT count(*) FROM ", kTable)));
  ASSERT_OK(count.Step());
  EXPECT_OK(destination_.Upsert({Conversation("a", 1)}, {}, {"s", 1}));
}

TEST_F(SqliteFile, ReplacedUnderTheLoadIsNoticed) {
  ASSERT_OK(destination_.EnsureTables());
  ASSERT_OK(destination_.Upsert({Conversation("a", 1)}, {}, {"s", 1}));
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file_ + suffix);
  // Without a look at the path this would be written to a file that nobody can find.
  EXPECT_THAT(destination_.Upsert({Conversation("b", 2)}, {"s", 1}, {"s", 2}),
              StatusIs(absl::StatusCode::kNotFound, _));
  ASSERT_OK_AND_ASSIGN(const LoadCursor cursor, destination_.ReadCursor());
  EXPECT_EQ(cursor.store_id, "");
  ASSERT_OK(destination_.EnsureTables());
  ASSERT_OK(destination_.Upsert({Conversation("a", 1), Conversation("b", 2)}, {}, {"s", 2}));
  EXPECT_THAT(QuerySql(file_, absl::StrCat("SELECT * FROM ", kTable)), SizeIs(2));
}

TEST_F(SqliteFile, AFailedStatementLeavesNoTransactionBehind) {
  ASSERT_OK(destination_.EnsureTables());
  ExecuteSql(file_, absl::StrCat("CREATE TRIGGER t BEFORE INSERT ON ", kTable,
                                 " BEGIN SELECT RAISE(ROLLBACK, 'no'); END"));
  EXPECT_THAT(destination_.Upsert({Conversation("a", 1)}, {}, {"s", 1}),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("no")));
  ExecuteSql(file_, "DROP TRIGGER t");  // fails the test when the file is still locked
  EXPECT_OK(destination_.Upsert({Conversation("a", 1)}, {}, {"s", 1}));
}

}  // namespace penstock::destinations::sqlite
