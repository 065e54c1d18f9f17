// SPDX-License-Identifier: Apache-2.0
#include "base/json_text.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(QuoteJson, EscapesWhatJsonForbids) {
  EXPECT_EQ(QuoteJson(""), R"("")");
  EXPECT_EQ(QuoteJson("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(QuoteJson("a\nb\tc"), R"("a\nb\u0009c")");
  EXPECT_EQ(QuoteJson(absl::string_view("a\0b", 3)), R"("a\u0000b")");
}

TEST(QuoteJson, LeavesWellFormedUtf8Alone) {
  for (const char* text :
       {"\xC3\xA4", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xED\x9F\xBF", "\xEE\x80\x80", "\x7F"}) {
    EXPECT_EQ(QuoteJson(text), std::string("\"") + text + "\"");
  }
}

TEST(QuoteJson, ReplacesEveryBrokenByteSoThatTheResultIsAlwaysJson) {
  const std::string mark = "\xEF\xBF\xBD";
  EXPECT_EQ(QuoteJson("\xFF"), "\"" + mark + "\"");
  EXPECT_EQ(QuoteJson("a\x80z"), "\"a" + mark + "z\"");                               // a tail without a head
  EXPECT_EQ(QuoteJson("\xC3"), "\"" + mark + "\"");                                   // cut short
  EXPECT_EQ(QuoteJson("\xC0\xAF"), "\"" + mark + mark + "\"");                        // overlong
  EXPECT_EQ(QuoteJson("\xED\xA0\x80"), "\"" + mark + mark + mark + "\"");             // a surrogate
  EXPECT_EQ(QuoteJson("\xF4\x90\x80\x80"), "\"" + mark + mark + mark + mark + "\"");  // beyond U+10FFFF
}

}  // namespace
}  // namespace penstock
