// SPDX-License-Identifier: Apache-2.0
#include "sandbox/synthetic_bits.h"

#include <gtest/gtest.h>

#include <set>

#include "base/instant.h"

namespace penstock::sandbox {
namespace {

template <typename Spell>
std::string Spelled(Spell spell, uint64_t value) {
  std::string text;
  spell(value, &text);
  return text;
}

TEST(SyntheticBits, IdsSortAsTheirNumbersDo) {
  std::string last_short;
  std::string last_hex;
  for (uint64_t i = 0; i < 2000; ++i) {
    const uint64_t id = i * 0x0020c49ba5e353f7;  // steps over the whole range
    const std::string short_id = Spelled(AppendShortId, id);
    const std::string hex_id = Spelled(AppendHexId, id);
    EXPECT_EQ(short_id.size(), 12u);
    EXPECT_EQ(hex_id.size(), 32u);
    EXPECT_LT(last_short, short_id);
    EXPECT_LT(last_hex, hex_id);
    last_short = short_id;
    last_hex = hex_id;
  }
  EXPECT_LT(Spelled(AppendShortId, 15), Spelled(AppendShortId, 16))
      << "neighbours that differ in the last bits";
  EXPECT_LT(Spelled(AppendShortId, 14), Spelled(AppendShortId, 15));
}

TEST(SyntheticBits, StampsAreThoseOfTheCalendar) {
  for (int64_t ms : {int64_t{0}, int64_t{951782399999}, int64_t{951782400000}, int64_t{1709164800001},
                     int64_t{1772000000123}, int64_t{4102444799999}, int64_t{253402300799999}}) {
    std::string text;
    AppendStamp(ms, &text);
    EXPECT_EQ(text, FormatStamp(absl::FromUnixMillis(ms)));
  }
}

TEST(SyntheticBits, TheSameDiceFallTheSameWay) {
  Dice a(7);
  Dice b(7);
  std::set<uint32_t> seen;
  for (int i = 0; i < 100; ++i) {
    const uint32_t value = a.Below(6);
    EXPECT_EQ(value, b.Below(6));
    EXPECT_LT(value, 6u);
    seen.insert(value);
  }
  EXPECT_EQ(seen.size(), 6u);
}

}  // namespace
}  // namespace penstock::sandbox
