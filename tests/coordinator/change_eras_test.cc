// SPDX-License-Identifier: Apache-2.0
#include "coordinator/change_eras.h"

#include <gtest/gtest.h>

#include "coordinator/limits.h"

namespace penstock::coordinator {
namespace {

storage::SourceRecord At(storage::SourceRecord source, uint64_t last_change) {
  source.set_last_change(last_change);
  return source;
}

TEST(ChangeEras, EachChangeIsOfTheStartThatNumberedIt) {
  storage::SourceRecord source = At(WithEra({}, 100), 7);
  source = At(WithEra(source, 200), 9);
  EXPECT_EQ(EpochOf(source, 1), 100u);
  EXPECT_EQ(EpochOf(source, 7), 100u);
  EXPECT_EQ(EpochOf(source, 8), 200u);
  EXPECT_EQ(EpochOf(source, 9), 200u);
  EXPECT_EQ(EpochOf(source, 10), 0u) << "there is none yet";
  EXPECT_EQ(EpochOf(source, 0), 0u);
}

TEST(ChangeEras, AStartThatNumbersNothingLeavesNoTrace) {
  storage::SourceRecord source = At(WithEra({}, 100), 7);
  for (uint64_t epoch = 200; epoch < 300; ++epoch) source = WithEra(source, epoch);
  EXPECT_EQ(source.eras_size(), 2);
  EXPECT_EQ(EpochOf(At(source, 8), 8), 299u);
  EXPECT_EQ(EpochOf(source, 7), 100u);
}

TEST(ChangeEras, ChangesFromBeforeErasWereKeptAreOfNone) {
  const storage::SourceRecord source = At(WithEra(At({}, 7), 100), 9);
  EXPECT_EQ(EpochOf(source, 7), 0u);
  EXPECT_EQ(EpochOf(source, 8), 100u);
}

TEST(ChangeEras, AnOlderCopyNumbersTheSameChangesUnderAnotherEpoch) {
  const storage::SourceRecord copied = At(WithEra({}, 100), 7);
  const storage::SourceRecord original = At(WithEra(copied, 200), 20);
  const storage::SourceRecord restored = At(WithEra(copied, 300), 20);
  EXPECT_EQ(EpochOf(original, 7), EpochOf(restored, 7));
  EXPECT_NE(EpochOf(original, 8), EpochOf(restored, 8));
}

TEST(ChangeEras, OnlyTheLastOnesAreKept) {
  storage::SourceRecord source;
  for (uint64_t start = 1; start <= 1'000; ++start) source = At(WithEra(source, 10'000 + start), start);
  EXPECT_EQ(source.eras_size(), kChangeErasMax);
  EXPECT_EQ(EpochOf(source, 1'000), 11'000u);
  EXPECT_EQ(EpochOf(source, 1'001 - kChangeErasMax), 11'001u - kChangeErasMax);
  EXPECT_EQ(EpochOf(source, 1), 0u);
}

}  // namespace
}  // namespace penstock::coordinator
