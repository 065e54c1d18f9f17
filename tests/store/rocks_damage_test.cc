// SPDX-License-Identifier: Apache-2.0
// The store finds its files damaged, cut, missing or old when it starts (damage_fixture.h has the rule).
#include "tests/store/damage_fixture.h"

namespace penstock::store {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// Says which file is gone. The end of the last log is watched by the commit mark alone.
::testing::Matcher<const std::string&> Names(const std::string& file) {
  const std::string stem = fs::path(file).stem().string();
  if (absl::EndsWith(file, "CURRENT")) return HasSubstr("CURRENT is missing beside");
  if (!absl::EndsWith(file, ".log")) return HasSubstr(stem);
  return ::testing::AnyOf(HasSubstr(absl::StrCat("log number: ", std::stoul(stem), ".")),
                          HasSubstr("61 were acknowledged"));
}

class RocksFlip : public RocksDamage {
 protected:
  std::map<Outcome, int> FlipBytes(const std::vector<std::string>& files, int flips) {
    std::map<Outcome, int> outcomes;
    for (int i = 0; i < flips; ++i) {
      const std::string& name = files[random_.Next() % files.size()];
      FreshCopy();
      std::string bytes = ReadFile(work() + "/" + name);
      if (bytes.empty()) continue;
      const size_t at = random_.Next() % bytes.size();
      // A few neighbouring bytes, as a bad sector or a stray write would.
      for (size_t n = at; n < std::min(at + 1 + random_.Next() % 4, bytes.size()); ++n) {
        bytes[n] = static_cast<char>(bytes[n] ^ (1 + random_.Next() % 255));
      }
      WriteFile(work() + "/" + name, bytes);
      ++outcomes[OpensWholeOrRefuses(absl::StrCat("flip at ", at, " of ", bytes.size(), " in ", name))];
    }
    return outcomes;
  }
};

TEST_F(RocksDamage, AStoreThatWasKilledOpensWhole) {
  CrashAfter(60);
  ASSERT_GT(Files(".log").size(), 1u);
  ASSERT_GT(Files(".sst").size(), 0u);
  FreshCopy();
  EXPECT_EQ(OpensWholeOrRefuses("nothing"), Outcome::kWhole);
}

TEST_F(RocksFlip, AFlippedByteInTheLogIsRefusedOrHarmless) {
  CrashAfter(60);
  std::map<Outcome, int> outcomes = FlipBytes(Files(".log"), 120);
  EXPECT_GT(outcomes[Outcome::kRefused], 60);
}

// The trap of the default recovery mode and, at the end of a file, of the tolerant one.
TEST_F(RocksFlip, AFlippedByteInTheOnlyLogIsRefused) {
  write_buffer_bytes_ = 24 << 20;
  CrashAfter(12);
  ASSERT_EQ(Files(".log").size(), 1u);
  std::map<Outcome, int> outcomes = FlipBytes(Files(".log"), 120);
  EXPECT_GT(outcomes[Outcome::kRefused], 110);
}

TEST_F(RocksFlip, AFlippedByteInAnyOtherFileIsRefusedOrHarmless) {
  CrashAfter(60);
  FlipBytes(Files(".sst"), 40);
  std::vector<std::string> rest = Files("CURRENT");
  for (const std::string& name : Files("")) {
    if (name.find("MANIFEST") != std::string::npos) rest.push_back(name);
  }
  ASSERT_EQ(rest.size(), 2u);
  FlipBytes(rest, 40);
  FlipBytes(Files("commit-mark"), 20);
}

TEST_F(RocksDamage, ATruncatedFileIsRefusedOrHarmless) {
  CrashAfter(60);
  for (const std::string& name : Files("")) {
    const uint64_t size = fs::file_size(path() + "/" + name);
    for (uint64_t left : {uint64_t{0}, size / 2, size - std::min<uint64_t>(size, 1)}) {
      FreshCopy();
      fs::resize_file(work() + "/" + name, left);
      const Outcome outcome = OpensWholeOrRefuses(absl::StrCat(name, " cut to ", left));
      EXPECT_TRUE(!absl::EndsWith(name, "CURRENT") || left > 0 || outcome == Outcome::kRefused);
    }
  }
}

TEST_F(RocksDamage, AMissingFileIsRefusedOrHarmless) {
  CrashAfter(60);
  for (const std::string& name : Files("")) {
    FreshCopy();
    fs::remove(work() + "/" + name);
    const Outcome outcome = OpensWholeOrRefuses(name + " removed");
    const bool needed = absl::EndsWith(name, ".sst") || absl::EndsWith(name, "CURRENT") ||
                        absl::EndsWith(name, "commit-mark") || name.find("MANIFEST") != std::string::npos;
    EXPECT_TRUE(!needed || outcome == Outcome::kRefused) << name;
    if (outcome == Outcome::kWhole) continue;
    const absl::Status refusal = TryOpen(work()).status();
    EXPECT_THAT(refusal, StatusIs(absl::StatusCode::kDataLoss, Names(name))) << name;
  }
}

// A whole log file whose records look like a torn tail although other log files follow.
TEST_F(RocksDamage, ALogFileThatLooksTornBeforeOthersIsRefused) {
  CrashAfter(60);
  const std::vector<std::string> logs = Files(".log");
  ASSERT_GT(logs.size(), 1u);
  for (size_t i = 0; i + 1 < logs.size(); ++i) {
    const std::string bytes = ReadFile(path() + "/" + logs[i]);
    for (size_t keep : {bytes.size() * 3 / 4, bytes.size() / 2, size_t{0}}) {
      FreshCopy();
      // Zeros, which RocksDB takes for space that was reserved and not used; the size stays what the manifest
      // says.
      WriteFile(work() + "/" + logs[i], bytes.substr(0, keep) + std::string(bytes.size() - keep, '\0'));
      EXPECT_EQ(OpensWholeOrRefuses(absl::StrCat(logs[i], " torn after ", keep)), Outcome::kRefused);
    }
  }
}

TEST_F(RocksDamage, AnOldCopyOfTheDatabaseBesideANewerMarkIsRefused) {
  OpenNew();
  CommitPages(5);
  store_.reset();
  fs::copy(path() + "/db", old(), fs::copy_options::recursive);
  Open();
  CommitPages(1);
  store_.reset();
  fs::remove_all(path() + "/db");
  fs::rename(old(), path() + "/db");
  EXPECT_THAT(TryOpen(path()),
              StatusIs(absl::StatusCode::kDataLoss, AllOf(HasSubstr(path()), HasSubstr("ends at commit 6"),
                                                          HasSubstr("7 were acknowledged"))));
}

// The database is ahead of it, as after a crash between a commit and its mark.
TEST_F(RocksDamage, AnOldCopyOfTheMarkBesideANewerDatabaseOpensWhole) {
  OpenNew();
  CommitPages(5);
  const std::string old_mark = ReadFile(path() + "/commit-mark");
  CommitPages(3);
  store_.reset();
  WriteFile(path() + "/commit-mark", old_mark);
  Open();
  EXPECT_EQ(store_->last_commit(), 9u);
  EXPECT_OK(CheckPages(*store_, 8));
}

// It is sound in itself and opens as what it was, under a greater epoch; the workers that have seen more refuse
// it (tests/crash/copy_test.cc).
TEST_F(RocksDamage, AnOldCopyOfTheWholeDirectoryOpensAsWhatItWas) {
  OpenNew();
  CommitPages(2);
  const uint64_t epoch = store_->epoch();
  const std::string id = store_->store_id();
  store_.reset();
  fs::copy(path(), old(), fs::copy_options::recursive);
  Open();
  CommitPages(3);
  store_.reset();
  fs::remove_all(path());
  fs::rename(old(), path());
  Open();
  EXPECT_EQ(store_->store_id(), id);
  EXPECT_EQ(store_->last_commit(), 3u);
  EXPECT_GT(store_->epoch(), epoch);
  EXPECT_OK(CheckPages(*store_, 2));
}

TEST_F(RocksDamage, AMarkOfAnotherStoreOrNoMarkOrNoDatabaseIsRefused) {
  OpenNew();
  CommitPages(1);
  store_.reset();
  const std::string mark = ReadFile(path() + "/commit-mark");

  fs::remove(path() + "/commit-mark");
  EXPECT_THAT(TryOpen(path()), StatusIs(absl::StatusCode::kDataLoss,
                                        AllOf(HasSubstr("commit-mark is missing"), HasSubstr("restore"))));
  WriteFile(path() + "/commit-mark", std::string(mark.size(), 'x'));
  EXPECT_THAT(TryOpen(path()), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("both slots")));

  ASSERT_OK(TryOpen(work()));  // another store
  fs::copy_file(work() + "/commit-mark", path() + "/commit-mark", fs::copy_options::overwrite_existing);
  EXPECT_THAT(TryOpen(path()), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("belongs to store")));

  WriteFile(path() + "/commit-mark", mark);
  Open();
  EXPECT_OK(CheckPages(*store_, 1));
  store_.reset();
  fs::remove_all(path() + "/db");
  EXPECT_THAT(TryOpen(path()), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("lacks the database")));
}

}  // namespace
}  // namespace penstock::store
