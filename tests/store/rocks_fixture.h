// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "store/rocks_seams.h"
#include "store/rocks_store.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/status_matchers.h"
#include "tests/store/store_builders.h"

namespace penstock::store {

// Rows that can be told from their number alone, so that an oracle needs to remember only how many there are.
constexpr int kRowsPerPage = 8;

inline PageWrite NumberedPage(uint64_t page) {
  std::vector<v1::Row> rows;
  SeededRandom noise(page);
  for (int i = 0; i < kRowsPerPage; ++i) {
    std::string filling;
    for (int word = 0; word < 40; ++word) absl::StrAppend(&filling, absl::Hex(noise.Next()));
    rows.push_back(MakeRow(absl::StrCat("row-", page, "-", i), "2026-03-16T06:00:00.000Z", filling));
  }
  return MakePage(page, std::move(rows));
}

// Every row of pages 1 to `pages` is there, byte for byte, by id and in the change sequence. Else what is
// wrong.
inline absl::Status CheckPages(const Store& store, uint64_t pages) {
  uint64_t after = 0, seen = 0;
  do {
    ASSIGN_OR_RETURN(const Changes changes, store.ReadChanges(1, after, 64 << 10));
    for (const v1::Change& change : changes.changes) {
      if (change.number() != ++seen) return absl::UnknownError(absl::StrCat("change ", seen, " is missing"));
    }
    if (changes.through == changes.head) break;
    after = changes.through;
  } while (true);
  if (seen < pages * kRowsPerPage) return absl::UnknownError(absl::StrCat("only ", seen, " changes"));
  for (uint64_t page = 1; page <= pages; ++page) {
    for (const v1::Row& row : NumberedPage(page).rows) {
      ASSIGN_OR_RETURN(const storage::RowRecord stored, store.GetRow(1, Endpoint::kConversations, row.id()));
      if (stored.raw() != row.raw()) return absl::UnknownError(absl::StrCat(row.id(), " has other bytes"));
    }
  }
  return absl::OkStatus();
}

// A state directory with the store of it open or closed.
class RocksFixture : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<Store>> TryOpen(const std::string& directory) {
    RocksStoreOptions options;
    options.directory = directory;
    options.write_buffer_bytes = write_buffer_bytes_;
    options.read_only = read_only_;
    return OpenRocksStoreOn(*env_, options, clock_, random_);
  }
  void Open() {
    store_.reset();
    auto store = TryOpen(path());
    ASSERT_OK(store);
    store_ = *std::move(store);
  }
  void OpenNew() {
    Open();
    ASSERT_OK(store_->Commit(MakeBatch({MakeSource(1)})));
  }
  // Pages are numbered from 1 over the life of the directory.
  void CommitPages(uint64_t count) {
    for (uint64_t i = 0; i < count; ++i) {
      ASSERT_OK(store_->Commit(MakeBatch(NumberedPage(pages_ + 1))));
      ++pages_;
    }
  }
  const std::string& path() const { return directory_.path(); }

  TestDirectory directory_;
  FakeClock clock_;
  SeededRandom random_{1};
  rocksdb::Env* env_ = rocksdb::Env::Default();
  uint64_t write_buffer_bytes_ = 24 << 20;
  bool read_only_ = false;
  std::unique_ptr<Store> store_;
  uint64_t pages_ = 0;
};

}  // namespace penstock::store
