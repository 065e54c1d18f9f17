// SPDX-License-Identifier: Apache-2.0
#include "store/encoding.h"

#include <algorithm>

#include "gtest/gtest.h"
#include "store/store.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::store {
namespace {

using ::testing::HasSubstr;

template <size_t n>
std::string Bytes(const char (&literal)[n]) {
  return std::string(literal, n - 1);
}

// These bytes are on the disks of those who run Penstock. A test that fails here is a new format, not a typo.
TEST(Encoding, EachKindOfKeyHasItsLiteralBytes) {
  EXPECT_EQ(IdentityKey().Encode(), "i");
  EXPECT_EQ(SourceKey{258}.Encode(), Bytes("s\0\0\1\2"));
  EXPECT_EQ((SuppressionKey{258, std::string(64, 'a')}.Encode()),
            Bytes("x\0\0\1\2") + std::string(32, '\xAA'));
  EXPECT_EQ((ErasureKey{1, 258}.Encode()), Bytes("e\0\0\0\1\0\0\0\0\0\0\1\2"));
  EXPECT_EQ(JobKey{258}.Encode(), Bytes("\0\0\0\0\0\0\1\2"));
  EXPECT_EQ(WindowKey{1001}.Encode(), Bytes("\0\0\0\0\0\0\3\xE9"));
  EXPECT_EQ((RowKey{1, Endpoint::kUsers, "a"}.Encode()), Bytes("\0\0\0\1\5a"));
  EXPECT_EQ((RowKey{1, Endpoint::kConversations, Bytes("\0\xFF")}.Encode()), Bytes("\0\0\0\1\1\0\xFF"));
  EXPECT_EQ((ChangeKey{1, 0x0102030405060708}.Encode()), Bytes("\0\0\0\1\1\2\3\4\5\6\7\x8"));
  EXPECT_EQ((LoadKey{1, "pg"}.Encode()), Bytes("\0\0\0\1pg"));
  EXPECT_EQ((QuarantineKey{1, Endpoint::kPluginCalls, "0123456789abcdef"}.Encode()),
            Bytes("\0\0\0\1\3\x01\x23\x45\x67\x89\xAB\xCD\xEF"));
  EXPECT_EQ(BudgetKey{1}.Encode(), Bytes("\0\0\0\1b"));
  EXPECT_EQ((SlotKey{1, 1, 59}.Encode()), Bytes("\0\0\0\1s\0\0\0\1\0\0\0;"));
  EXPECT_EQ((DayCounterKey{1, Endpoint::kInteractions, 0}.Encode()), Bytes("\0\0\0\1\2\x80\0\0\0\0\0\0\0"));
  EXPECT_EQ((DayCounterKey{1, Endpoint::kInteractions, kNoDay}.Encode()),
            Bytes("\0\0\0\1\2\0\0\0\0\0\0\0\0"));
  EXPECT_EQ((StampCounterKey{1, Endpoint::kInteractions, 1, kNoDay}.Encode()),
            Bytes("\0\0\0\1\x82\x80\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0"));
}

TEST(Encoding, AValueIsAFormatByteAndAMessage) {
  storage::DayCounterRecord counter;
  counter.set_rows(3);
  EXPECT_EQ(EncodeValue(counter), Bytes("\1\x8\3"));
  storage::DayCounterRecord read;
  ASSERT_OK(DecodeValue(Bytes("\1\x8\3"), read));
  EXPECT_EQ(read.rows(), 3);
}

TEST(Encoding, TheFamiliesHaveTheirNamesOnDisk) {
  std::string names;
  for (Family family : kAllFamilies) names += std::string(Name(family)) + " ";
  EXPECT_EQ(names, "default jobs windows rows changes loads quarantine budget counters ");
}

TEST(Encoding, KeysComeBack) {
  for (uint32_t source : {1u, 255u, 256u, UINT32_MAX}) {
    for (Endpoint endpoint : kAllEndpoints) {
      for (const std::string& id : {Bytes("\0"), std::string("x"), std::string(kMaxIdBytes, '\xFF')}) {
        const RowKey row{source, endpoint, id};
        EXPECT_EQ(*RowKey::Decode(row.Encode()), row);
      }
      for (int64_t day : {kNoDay, int64_t{-1}, int64_t{0}, int64_t{20530}, INT64_MAX}) {
        const DayCounterKey counter{source, endpoint, day};
        EXPECT_EQ(*DayCounterKey::Decode(counter.Encode()), counter);
        const StampCounterKey stamped{source, endpoint, day, ~day};
        EXPECT_EQ(*StampCounterKey::Decode(stamped.Encode()), stamped);
      }
      const QuarantineKey quarantine{source, endpoint, "00ff00ff00ff00ff"};
      EXPECT_EQ(*QuarantineKey::Decode(quarantine.Encode()), quarantine);
    }
    for (uint64_t number : {uint64_t{1}, UINT64_MAX}) {
      const ChangeKey change{source, number};
      EXPECT_EQ(*ChangeKey::Decode(change.Encode()), change);
    }
    EXPECT_EQ(*BudgetKindOf(BudgetKey{source}.Encode()), BudgetKind::kBudget);
    EXPECT_EQ(*BudgetKindOf(SlotKey{source, 0, 98}.Encode()), BudgetKind::kSlot);
  }
}

TEST(Encoding, ByteOrderIsNumberOrder) {
  std::vector<std::string> keys;
  for (int64_t day : {kNoDay, int64_t{-300}, int64_t{-1}, int64_t{0}, int64_t{1}, int64_t{256}, INT64_MAX}) {
    keys.push_back(DayCounterKey{1, Endpoint::kUsers, day}.Encode());
  }
  EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end()));
  keys.clear();
  for (uint32_t source : {1u, 2u, 256u}) {
    for (uint64_t number : {1ull, 255ull, 256ull, 1ull << 40})
      keys.push_back(ChangeKey{source, number}.Encode());
  }
  EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end()));
}

TEST(Encoding, BytesThatAreNoKeyAreDataLossAndShown) {
  const auto damaged = StatusIs(absl::StatusCode::kDataLoss, HasSubstr("restore"));
  for (const std::string& bytes : {Bytes(""), Bytes("\0\0\0\1"), Bytes("\0\0\0\1\1"), Bytes("\0\0\0\1\6x"),
                                   Bytes("\0\0\0\1\0x"), Bytes("\0\0\0\1\1") + std::string(1025, 'x')}) {
    EXPECT_THAT(RowKey::Decode(bytes), damaged) << bytes.size();
  }
  EXPECT_THAT(ChangeKey::Decode(Bytes("\0\0\0\1\0\0\0\0\0\0\1")), damaged);
  EXPECT_THAT(QuarantineKey::Decode(Bytes("\0\0\0\1\1short")), damaged);
  EXPECT_THAT(DayCounterKey::Decode(Bytes("\0\0\0\1\1short")), damaged);
  EXPECT_THAT(StampCounterKey::Decode(DayCounterKey{1, Endpoint::kUsers, 1}.Encode()), damaged);
  EXPECT_THAT(StampCounterKey::Decode(Bytes("\0\0\0\1\6") + std::string(16, 'x')), damaged);
  EXPECT_THAT(BudgetKindOf(Bytes("\0\0\0\1x")), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("\\x01x")));
}

TEST(Encoding, AValueOfANewerFormatIsNotGuessedAt) {
  storage::DayCounterRecord read;
  EXPECT_THAT(DecodeValue(Bytes("\2\x8\3"), read),
              StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("format 2")));
}

TEST(Encoding, ADamagedValueIsDataLoss) {
  storage::DayCounterRecord read;
  for (const std::string& bytes : {Bytes(""), Bytes("\0\x8\3"), Bytes("\1\x8"), Bytes("\1\xFF\xFF")}) {
    EXPECT_THAT(DecodeValue(bytes, read),
                StatusIs(absl::StatusCode::kDataLoss, HasSubstr("DayCounterRecord")));
  }
}

TEST(Encoding, PrefixEndIsTheFirstKeyBeyondThePrefix) {
  EXPECT_EQ(PrefixEnd("a"), "b");
  EXPECT_EQ(PrefixEnd("a\xFF"), "b");
  EXPECT_EQ(PrefixEnd("\xFF\xFF"), "");
  EXPECT_EQ(PrefixEnd(""), "");
}

TEST(Encoding, TheSameMessageGivesTheSameBytes) {
  storage::SourceRecord upwards;
  storage::SourceRecord downwards;
  for (int i = 0; i < 8; ++i) {
    (*upwards.mutable_blocked_endpoints())[i] = "403";
    (*downwards.mutable_blocked_endpoints())[7 - i] = "403";
  }
  EXPECT_EQ(EncodeValue(upwards), EncodeValue(downwards));
}

}  // namespace
}  // namespace penstock::store
