// SPDX-License-Identifier: Apache-2.0
#include "worker/json_token.h"

#include <gtest/gtest.h>

namespace penstock::worker {
namespace {

TEST(JsonToken, TheGrammarsScalarsAreKnown) {
  for (const char* good :
       {"true", "false", "null", "0", "-0", "10", "1.5", "-1.05e+10", "1E-400", "123456789012345678901",
        R"("")", R"("a")", R"("\"\\\/\b\f\n\r\t")", R"("\u00E9\ud800")", "\"é\""}) {
    EXPECT_TRUE(IsScalar(good)) << good;
  }
  for (const char* bad :
       {"",   "True", "nul",   "nulls",  "NaN",     "-Infinity", "01",          "-",   "-a",
        "1.", ".1",   "1.e5",  "1e",     "1e+",     "+1",        "0x1",         "1 2", "1a",
        "\"", "\"a",  R"("\)", R"("\")", R"("\x")", R"("\u12")", R"("\u12g4")", "{",   "]"}) {
    EXPECT_FALSE(IsScalar(bad)) << bad;
  }
}

TEST(JsonToken, StringsAreDecoded) {
  EXPECT_EQ(DecodeString(R"("")"), "");
  EXPECT_EQ(DecodeString(R"("a/\/\n\u00e9\ud83d\ude00")"), "a//\né😀");
  for (const char* none :
       {"", "1", "null", R"("\ud800")", R"("\ude00")", R"("\ud800\u0041")", R"("\x")", "\"a", "\""}) {
    EXPECT_EQ(DecodeString(none), std::nullopt) << none;
  }
}

}  // namespace
}  // namespace penstock::worker
