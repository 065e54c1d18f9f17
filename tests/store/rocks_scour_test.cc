// SPDX-License-Identifier: Apache-2.0
// What is left of erased rows in the files.
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "tests/store/rocks_fixture.h"

namespace penstock::store {
namespace {

constexpr Endpoint kConversations = Endpoint::kConversations;

class RocksScour : public RocksFixture {
 protected:
  // The files of the state directory that hold the text.
  std::vector<std::string> FilesWith(const std::string& text) {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path())) {
      if (!entry.is_regular_file()) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
      if (absl::StrContains(bytes, text)) files.push_back(entry.path().filename().string());
    }
    return files;
  }
  // Random, so that no compression hides it. Pages have the seeds from 1 on.
  std::string Noise(uint64_t seed) {
    SeededRandom noise(seed);
    std::string bytes;
    for (int i = 0; i < 8; ++i) absl::StrAppend(&bytes, absl::Hex(noise.Next(), absl::kZeroPad16));
    return bytes;
  }
  std::atomic<bool> stop_ = false;
  void Erase(std::vector<Erasure::Row> rows, std::vector<Erasure::Record> quarantined = {}) {
    Batch batch;
    batch.erasure = Erasure{1, std::move(rows), std::move(quarantined), {}};
    ASSERT_OK(store_->Commit(std::move(batch)));
  }
};

TEST_F(RocksScour, NoByteOfAnErasedRowIsLeftInAnyFile) {
  OpenNew();
  const std::string in_log = Noise(1001), in_file = Noise(1002);
  ASSERT_OK(store_->Commit(MakeBatch(MakePage(1, {MakeRow("old", "2026-03-16T06:00:00.000Z", in_file)}))));
  CommitPages(20);
  ASSERT_OK(store_->Scour(1, stop_));  // the first row is in a file of the last level now
  ASSERT_OK(store_->Commit(MakeBatch(MakePage(2, {MakeRow("new", "2026-03-16T06:00:00.000Z", in_log)}))));
  EXPECT_FALSE(FilesWith(in_file).empty());
  EXPECT_FALSE(FilesWith(in_log).empty());

  Erase({{kConversations, "old", "h1"}, {kConversations, "new", "h2"}});
  ASSERT_OK(store_->Scour(1, stop_));
  EXPECT_EQ(FilesWith(in_file), std::vector<std::string>());
  EXPECT_EQ(FilesWith(in_log), std::vector<std::string>());
  EXPECT_OK(store_->GetRow(1, kConversations, "row-20-7"));
}

TEST_F(RocksScour, NorOfAQuarantinedRecord) {
  OpenNew();
  const std::string secret = Noise(1003);
  PageWrite page = MakePage(1, {});
  page.quarantined = {MakeQuarantined(secret)};
  ASSERT_OK(store_->Commit(MakeBatch(std::move(page))));
  ASSERT_OK(store_->Scour(1, stop_));
  EXPECT_FALSE(FilesWith(secret).empty());
  Erase({}, {{kConversations, store_->ListQuarantine(1)->front().name, {}}});
  ASSERT_OK(store_->Scour(1, stop_));
  EXPECT_EQ(FilesWith(secret), std::vector<std::string>());
}

TEST_F(RocksScour, AVersionThatWasReplacedGoesToo) {
  OpenNew();
  const std::string first = Noise(1004);
  ASSERT_OK(store_->Commit(MakeBatch(MakePage(1, {MakeRow("a", "2026-03-16T06:00:00.000Z", first)}))));
  ASSERT_OK(store_->Commit(MakeBatch(MakePage(2, {MakeRow("a", "2026-03-17T06:00:00.000Z", "second")}))));
  ASSERT_OK(store_->Scour(1, stop_));
  EXPECT_EQ(FilesWith(first), std::vector<std::string>());
}

// But for the ids that bound a file: the list of files is written anew with each start.
TEST_F(RocksScour, NorOfAnIdOnceItsWordIsTakenOutAndTheStoreOpenedAgain) {
  OpenNew();
  const std::string id = Noise(1005);
  ASSERT_OK(store_->Commit(MakeBatch(MakePage(1, {MakeRow(id, "2026-03-16T06:00:00.000Z")}))));
  Erase({{kConversations, id, "h1"}});
  ASSERT_OK(store_->Scour(1, stop_));
  EXPECT_FALSE(FilesWith(id).empty()) << "a destination must hear of it";
  Batch batch;
  batch.erasure = Erasure{1, {}, {}, {store_->ReadChanges(1, 2, 1 << 20)->changes.front().number()}};
  ASSERT_OK(store_->Commit(std::move(batch)));
  ASSERT_OK(store_->Scour(1, stop_));
  store_.reset();
  Open();
  EXPECT_EQ(FilesWith(id), std::vector<std::string>());
}

TEST_F(RocksScour, RocksDbsDiaryDoesNotTellFromWhichKeyToWhichItRewrote) {
  OpenNew();
  CommitPages(3);
  ASSERT_OK(store_->Scour(1, stop_));
  EXPECT_EQ(FilesWith("Manual compaction from"), std::vector<std::string>());
}

TEST_F(RocksScour, EndsWhenItIsStopped) {
  OpenNew();
  CommitPages(3);
  stop_ = true;
  EXPECT_THAT(store_->Scour(1, stop_), StatusIs(absl::StatusCode::kCancelled, ::testing::_));
  stop_ = false;
  EXPECT_OK(store_->Scour(1, stop_));
}

TEST_F(RocksScour, OneThatIsOpenForReadingRefuses) {
  OpenNew();
  store_.reset();
  read_only_ = true;
  Open();
  EXPECT_THAT(store_->Scour(1, stop_), StatusIs(absl::StatusCode::kFailedPrecondition, ::testing::_));
}

}  // namespace
}  // namespace penstock::store
