// SPDX-License-Identifier: Apache-2.0
#include "worker/json_value.h"

#include <gtest/gtest.h>

#include <string>

namespace penstock::worker {

TEST(JsonValue, AcceptsExactlyWhatRfc8259Does) {
  for (const char* good :
       {"0", "-0", "-0.5e+10", "1E5", "1e400", "-123456789012345678901234567890", "true", "false", "null",
        "\"\"", R"("a\"\\\/\b\f\n\r\t\u00e9")", R"("\ud83d\ude00")", R"("\ud800")", "{}", "[]", "[ ]", "{ }",
        "[1 , [2]\n]", R"({"a" : 1, "a":{"b":[null]}, "":"x"})"}) {
    EXPECT_TRUE(IsJson(good)) << good;
  }
  for (const char* bad :
       {"",      " 1",      "1 ",        "01",          "-",          "+1",      ".5",        "1.",
        "1e",    "0x10",    "NaN",       "Infinity",    "nul",        "True",    "truefalse", "'a'",
        "\"a",   "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"a\nb\"",   "\"\\",    "[1,]",      "[,1]",
        "[1 2]", "[1",      "[1}",       "{\"a\":1]",   "{\"a\":1,}", "{\"a\"}", "{a:1}",     "{\"a\":}",
        "{1:2}", "1 2",     "{} {}",     "\"a\"b"}) {
    EXPECT_FALSE(IsJson(bad)) << bad;
  }
}

TEST(JsonValue, NestsAsDeepAsDatabasesFollowAndNoDeeper) {
  const auto nested = [](int depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(IsJson(nested(500)));
  EXPECT_FALSE(IsJson(nested(501)));
  EXPECT_FALSE(IsJson(std::string(10'000'000, '['))) << "and the stack holds";
}

TEST(JsonValue, NumbersOfAnySizeAreNumbers) {
  EXPECT_TRUE(IsJsonNumber("18446744073709551616"));
  EXPECT_TRUE(IsJsonNumber("1e-99999"));
  EXPECT_FALSE(IsJsonNumber("1e400x"));
  EXPECT_FALSE(IsJsonNumber("true"));
  EXPECT_FALSE(IsJsonNumber("\"1\""));
}

TEST(JsonValue, EscapesAreResolved) {
  const auto decoded = [](absl::string_view text) { return DecodeJsonString(text).value().text; };
  EXPECT_EQ(decoded(R"(a\"\\\/\b\f\n\r\tz)"), "a\"\\/\b\f\n\r\tz");
  EXPECT_EQ(decoded(R"(\u0041\u00e9\u20AC\ud83d\ude00)"), "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
  EXPECT_EQ(decoded(R"(a\u0000b)"), std::string("a\0b", 3));
  EXPECT_EQ(decoded("\xF0\x9F\x98\x80"), "\xF0\x9F\x98\x80");
  EXPECT_TRUE(DecodeJsonString(R"(\ud83d\ude00)")->exact);
}

TEST(JsonValue, ALoneSurrogateIsReplacedAndSaidToBe) {
  for (const char* lone :
       {R"(\ud800)", R"(\udc00)", R"(\ud800x)", R"(\ud800\n)", R"(\ud800\u0041)", R"(\udc00\udc00)"}) {
    const std::optional<DecodedString> decoded = DecodeJsonString(lone);
    ASSERT_TRUE(decoded.has_value()) << lone;
    EXPECT_FALSE(decoded->exact) << lone;
    EXPECT_EQ(decoded->text.substr(0, 3), "\xEF\xBF\xBD") << lone;
  }
  EXPECT_EQ(DecodeJsonString(R"(\ud800\u0041)")->text,
            "\xEF\xBF\xBD"
            "A")
      << "what follows is not swallowed";
  EXPECT_EQ(DecodeJsonString(R"(\udc00\udc00)")->text, "\xEF\xBF\xBD\xEF\xBF\xBD")
      << "two low ones are no pair";
  EXPECT_EQ(DecodeJsonString(R"(\ud800\ud83d\ude00)")->text, "\xEF\xBF\xBD\xF0\x9F\x98\x80");
}

TEST(JsonValue, ABrokenStringIsNone) {
  for (const char* bad : {"\\", "\\x", "\\u12", "\\uzzzz", "a\nb", "a\"b"}) {
    EXPECT_FALSE(DecodeJsonString(bad).has_value()) << bad;
  }
}

}  // namespace penstock::worker
