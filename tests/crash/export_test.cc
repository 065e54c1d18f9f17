// SPDX-License-Identifier: Apache-2.0
// penstock rows export of more rows than it may hold in memory.
#include <fstream>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/random.h"
#include "store/rocks_store.h"
#include "tests/crash/crash_fixture.h"
#include "tests/fakes/status_matchers.h"
#include "tests/store/store_builders.h"

namespace penstock {
namespace {

constexpr int kPages = 100;
constexpr int kRowsInPage = 1'000;
constexpr int kRowBytes = 2'500;
// However many rows there are: the store's cache of 48 MiB, what its log of at most 48 MiB holds, and the process.
constexpr int64_t kPeakMax = 136 << 20;
static_assert(int64_t{kPages} * kRowsInPage * kRowBytes > kPeakMax + (64 << 20));

class Export : public CrashTest {
 protected:
  Export() {
    store::RocksStoreOptions options;
    options.directory = state();
    absl::StatusOr<std::unique_ptr<store::Store>> store =
        store::OpenRocksStore(options, SystemClock(), SystemRandom());
    CHECK(store.ok());
    storage::SourceRecord source;
    source.set_id(1);
    source.set_name("acme");
    source.set_url("https://host/records");
    CHECK((*store)->Commit(store::MakeBatch({source})).ok());
    for (int page = 0; page < kPages; ++page) {
      std::vector<v1::Row> rows;
      for (int row = 0; row < kRowsInPage; ++row) {
        rows.push_back(store::MakeRow(absl::StrCat("r-", page, "-", row), "2026-03-18T10:00:00.000Z",
                                      std::string(kRowBytes, static_cast<char>('a' + row % 26))));
      }
      CHECK((*store)->Commit(store::MakeBatch({}, store::MakePage(page + 1, std::move(rows)))).ok());
    }
  }
  void ExpectFlat(const std::string& format, int lines_wanted) {
    const auto process = Start(
        {"penstock", "--state", state(), "rows", "export", "--endpoint", "conversations", "--format", format},
        format);
    EXPECT_EQ(process->Wait(absl::Minutes(1)), 0) << format;
    std::ifstream in(File(format));
    int lines = 0;
    for (std::string line; std::getline(in, line); ++lines) {
      ASSERT_TRUE(lines < lines_wanted - kPages * kRowsInPage || line.size() > kRowBytes) << line;
    }
    EXPECT_EQ(lines, lines_wanted);
    EXPECT_LT(process->peak_bytes(), kPeakMax) << format;
    RecordProperty(absl::StrCat(format, "_peak_mib"), static_cast<int>(process->peak_bytes() >> 20));
  }
};

TEST_F(Export, TakesNoMoreMemoryThanAFewOfItsRows) {
  ExpectFlat("jsonl", kPages * kRowsInPage);
  ExpectFlat("csv", kPages * kRowsInPage + 1);
}

}  // namespace
}  // namespace penstock
