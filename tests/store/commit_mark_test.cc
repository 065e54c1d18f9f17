// SPDX-License-Identifier: Apache-2.0
#include "store/commit_mark.h"

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::store {
namespace {

using ::testing::HasSubstr;

const CommitMark kMark{"0123456789abcdef", 1'772'000'000, 258};

std::string FileWith(const CommitMark& first, const CommitMark& second) {
  std::string file = NewMarkFile(first);
  file.replace(kMarkSlotOffsets[1], kMarkSlotBytes, EncodeMarkSlot(second));
  return file;
}

TEST(CommitMark, ASlotHasItsLiteralBytes) {
  EXPECT_EQ(absl::BytesToHexString(EncodeMarkSlot(kMark)),
            "504e53544b4d4b31"                  // PNSTKMK1
            "30313233343536373839616263646566"  // store id
            "00000000699e9300"                  // epoch
            "0000000000000102"                  // commit
            "00000000000000000000000000000000"  //
            "b0c81844093c7b6b");                // the SHA-256 of the above begins so
}

TEST(CommitMark, ComesBack) {
  EXPECT_EQ(DecodeMarkSlot(EncodeMarkSlot(kMark)), kMark);
  const CommitMark largest{"x", UINT64_MAX, UINT64_MAX};
  EXPECT_EQ(DecodeMarkSlot(EncodeMarkSlot(largest)), largest);
}

TEST(CommitMark, EveryFlippedBitIsNoticed) {
  const std::string slot = EncodeMarkSlot(kMark);
  for (size_t bit = 0; bit < slot.size() * 8; ++bit) {
    std::string damaged = slot;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    EXPECT_EQ(DecodeMarkSlot(damaged), std::nullopt) << "bit " << bit;
  }
  EXPECT_EQ(DecodeMarkSlot(slot.substr(1)), std::nullopt);
  EXPECT_EQ(DecodeMarkSlot(std::string(kMarkSlotBytes, '\0')), std::nullopt);
}

TEST(CommitMark, TheNewestSlotCounts) {
  CommitMark next = kMark, restarted = kMark;
  next.commit += 1;
  restarted.epoch += 1;
  EXPECT_EQ(ReadMarkFile(NewMarkFile(kMark), "f")->mark, kMark);
  EXPECT_EQ(ReadMarkFile(FileWith(kMark, next), "f")->mark, next);
  EXPECT_EQ(ReadMarkFile(FileWith(kMark, next), "f")->slot, 1u);
  EXPECT_EQ(ReadMarkFile(FileWith(next, kMark), "f")->slot, 0u);
  EXPECT_EQ(ReadMarkFile(FileWith(restarted, next), "f")->mark, restarted);
}

TEST(CommitMark, ATornSlotLeavesTheOtherOne) {
  CommitMark next = kMark;
  next.commit += 1;
  std::string file = FileWith(kMark, next);
  file.replace(kMarkSlotOffsets[1] + 30, 34, 34, '\0');
  EXPECT_EQ(ReadMarkFile(file, "f")->mark, kMark);
  EXPECT_EQ(ReadMarkFile(FileWith(kMark, next).substr(0, 4096 + 63), "f")->mark, kMark);
}

TEST(CommitMark, TwoDamagedSlotsAreDataLoss) {
  for (const std::string& file : {std::string(), std::string(kMarkFileBytes, '\0'), std::string("text"),
                                  EncodeMarkSlot(kMark).substr(0, 63)}) {
    EXPECT_THAT(
        ReadMarkFile(file, "/state/commit-mark"),
        StatusIs(absl::StatusCode::kDataLoss, HasSubstr("/state/commit-mark is damaged in both slots")));
  }
}

}  // namespace
}  // namespace penstock::store
