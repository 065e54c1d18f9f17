// SPDX-License-Identifier: Apache-2.0
// Damage at every place of the write-ahead log and of the side file, and every length of a cut file. In ctest a
// sample from a seed; PENSTOCK_CRASH_EXHAUSTIVE=1 visits all places (./dev crash).
#include <cstdlib>
#include <iostream>

#include "store/commit_mark.h"
#include "tests/store/damage_fixture.h"

namespace penstock::store {
namespace {

constexpr char kMark[] = "commit-mark";

class RocksOffsets : public RocksDamage {
 protected:
  RocksOffsets() { write_buffer_bytes_ = 24 << 20; }  // one log

  // All of [0, end) in steps, or a sample of it.
  std::vector<size_t> Places(size_t end, size_t step, size_t sample) {
    std::vector<size_t> places;
    if (std::getenv("PENSTOCK_CRASH_EXHAUSTIVE") != nullptr) {
      for (size_t at = 0; at < end; at += step) places.push_back(at);
    } else {
      for (size_t i = 0; i < sample; ++i) places.push_back(random_.Next() % end);
    }
    return places;
  }

  // Four bytes become others: noise, zeros or ones.
  std::string Flipped(std::string bytes, size_t at) {
    const std::string before = bytes;
    const uint64_t kind = random_.Next() % 3;
    for (size_t i = at; i < std::min(at + 4, bytes.size()); ++i) {
      bytes[i] = kind == 0 ? static_cast<char>(random_.Next()) : kind == 1 ? '\0' : '\xff';
    }
    if (bytes == before) bytes[at] = static_cast<char>(bytes[at] ^ 0x20);
    return bytes;
  }

  // How a start takes work() with `bytes` in the place of one of its files. First for reading, which makes the
  // same checks and leaves no trace, so that ten thousands of places take minutes.
  Outcome StartWith(const std::string& name, const std::string& bytes, const std::string& what) {
    WriteFile(work() + "/" + name, bytes);
    read_only_ = true;
    auto reader = TryOpen(work());
    read_only_ = false;
    if (!reader.ok()) {
      EXPECT_TRUE(absl::IsDataLoss(reader.status()) || absl::IsUnimplemented(reader.status()))
          << what << ": " << reader.status();
      ExpectClear(reader.status(), what);
      return Outcome::kRefused;
    }
    EXPECT_GE((*reader)->last_commit(), pages_ + 1) << what;
    EXPECT_OK(CheckPages(**reader, pages_)) << what;
    reader->reset();
    EXPECT_EQ(OpensWholeOrRefuses(what), Outcome::kWhole);
    FreshCopy();
    return Outcome::kWhole;
  }

  std::map<Outcome, int> FlipAt(const std::string& name, const std::vector<size_t>& places) {
    FreshCopy();
    const std::string whole = ReadFile(path() + "/" + name);
    std::map<Outcome, int> outcomes;
    for (size_t at : places) {
      ++outcomes[StartWith(name, Flipped(whole, at), absl::StrCat("flip at ", at, " in ", name))];
      if (HasFailure()) break;
    }
    Print(name, "flipped", outcomes);
    return outcomes;
  }

  std::map<Outcome, int> CutAt(const std::string& name, const std::vector<size_t>& places) {
    FreshCopy();
    const std::string whole = ReadFile(path() + "/" + name);
    std::map<Outcome, int> outcomes;
    for (size_t at : places) {
      ++outcomes[StartWith(name, whole.substr(0, at), absl::StrCat(name, " cut to ", at))];
      if (HasFailure()) break;
    }
    Print(name, "cut", outcomes);
    WriteFile(work() + "/" + name, whole);
    return outcomes;
  }

  static void Print(const std::string& name, const std::string& how, std::map<Outcome, int>& outcomes) {
    std::cout << name << " " << how << ": " << outcomes[Outcome::kRefused] << " starts refused, "
              << outcomes[Outcome::kWhole] << " with every commit\n";
  }

  std::string OnlyLog() {
    const std::vector<std::string> logs = Files(".log");
    EXPECT_EQ(logs.size(), 1u);
    return logs.front();
  }
  size_t SizeOf(const std::string& name) { return fs::file_size(path() + "/" + name); }
};

TEST_F(RocksOffsets, FourBytesAnywhereInASmallLog) {
  CrashAfter(2);
  const std::vector<size_t> places = Places(SizeOf(OnlyLog()), 1, 150);
  EXPECT_GT(FlipAt(OnlyLog(), places)[Outcome::kRefused], places.size() * 9 / 10);
}

// RocksDB's log has blocks of 32 KiB, and what lies at their borders is read in another way.
TEST_F(RocksOffsets, FourBytesAnywhereInALogOfTwoBlocks) {
  CrashAfter(7);
  ASSERT_GT(SizeOf(OnlyLog()), 32u << 10);
  const std::vector<size_t> places = Places(SizeOf(OnlyLog()), 4, 100);
  EXPECT_GT(FlipAt(OnlyLog(), places)[Outcome::kRefused], places.size() * 9 / 10);
}

// One slot may be lost: the other one is a commit behind, and the database is whole.
TEST_F(RocksOffsets, FourBytesAnywhereInTheSideFile) {
  CrashAfter(3);
  std::vector<size_t> places;
  for (size_t at : Places(2 * (kMarkSlotBytes + 8), 1, 30)) {
    places.push_back(at < kMarkSlotBytes + 8 ? at : kMarkSlotOffsets[1] + at - kMarkSlotBytes - 16);
  }
  for (size_t at : Places(kMarkFileBytes, 64, 4)) places.push_back(at);
  EXPECT_EQ(FlipAt(kMark, places)[Outcome::kRefused], 0);
}

TEST_F(RocksOffsets, EveryLength) {
  CrashAfter(2);
  const std::vector<size_t> lengths = Places(SizeOf(OnlyLog()), 1, 60);
  EXPECT_EQ(CutAt(OnlyLog(), lengths)[Outcome::kRefused], lengths.size());
  for (const std::string& name : Files("")) {
    const bool index = absl::EndsWith(name, "CURRENT") || absl::StrContains(name, "MANIFEST");
    if (!index) continue;
    const std::vector<size_t> sizes = Places(SizeOf(name), 1, 20);
    EXPECT_EQ(CutAt(name, sizes)[Outcome::kRefused], sizes.size()) << name;
  }
  CutAt(kMark, Places(kMarkFileBytes, 61, 10));
}

}  // namespace
}  // namespace penstock::store
