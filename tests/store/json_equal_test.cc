// SPDX-License-Identifier: Apache-2.0
#include "store/json_equal.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace penstock::store {
namespace {

std::string Nested(int depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(JsonEqual, SpellingDoesNotMatter) {
  const std::pair<const char*, const char*> equal[] = {
      {R"({"a":1,"b":[true,null]})", " {\n\"b\" : [ true , null ] ,\t\"a\" : 1 }\r\n"},
      {R"({"a":{"x":1,"y":2},"b":0})", R"({"b":0,"a":{"y":2,"x":1}})"},
      {R"({"s":"\u00e9\/\ud83d\ude00"})", "{\"s\":\"\xC3\xA9/\xF0\x9F\x98\x80\"}"},
      {R"({"\u0061":1})", R"({"a":1})"},
      {"[1.0,10e-1,0.1E1]", "[1,1,1]"},
      {"[100]", "[1e2]"},
      {"[-0,0.000,0e99]", "[0,0,0]"},
      {"[123456789012345678901234567890]", "[1.2345678901234567890123456789e29]"},
      {"[1e400]", "[10e399]"},
      {"{}", "{ }"},
  };
  for (const auto& [a, b] : equal) {
    EXPECT_TRUE(JsonEqual(a, b)) << a << " and " << b;
    EXPECT_TRUE(JsonEqual(b, a)) << b << " and " << a;
  }
}

TEST(JsonEqual, ValuesMatter) {
  const std::pair<const char*, const char*> different[] = {
      {R"({"a":1})", R"({"a":2})"},
      {R"({"a":1})", R"({"b":1})"},
      {R"({"a":1})", R"({"a":1,"b":null})"},
      {R"({"a":1})", R"({"a":"1"})"},
      {R"({"a":null})", R"({"a":false})"},
      {R"({"a":[]})", R"({"a":{}})"},
      {"[1,2]", "[2,1]"},
      {"[1]", "[[1]]"},
      {R"(["ab","c"])", R"(["a","bc"])"},
      // Beyond the exactness of a double.
      {"[9007199254740993]", "[9007199254740992]"},
      {"[0.1]", "[0.1000000000000000055511151231257827]"},
      {"[1e400]", "[1e401]"},
      {"[5]", "[-5]"},
      // A composed letter and a letter with a combining accent are different code points.
      {"[\"\xC3\xA9\"]", "[\"e\xCC\x81\"]"},
      {R"(["\u0000"])", R"([""])"},
  };
  for (const auto& [a, b] : different) EXPECT_FALSE(JsonEqual(a, b)) << a << " and " << b;
}

TEST(JsonEqual, WhatCannotBeWalkedIsEqualOnlyByteForByte) {
  const std::string texts[] = {
      R"({"a":1,"a":1})",
      R"({"a":1,"\u0061":2})",
      R"(["\ud800"])",
      "[\"\xFF\"]",
      "[01]",
      "[1.]",
      "[NaN]",
      "[1e9999999999999999999]",
      "{\"a\":1",
      "{\"a\":1} {}",
      "{\"a\":1}]",
      "[1 2]",
      "[tru]",
      "[nul]",
      "\xEF\xBB\xBF{}",
      "",
      Nested(1025),
  };
  for (const std::string& text : texts) {
    EXPECT_TRUE(JsonEqual(text, text)) << text;
    EXPECT_FALSE(JsonEqual(text, text + " ")) << text;
    EXPECT_FALSE(JsonEqual(text + " ", text)) << text;
  }
}

TEST(JsonEqual, DepthAndLengthAreNoDanger) {
  EXPECT_TRUE(JsonEqual(Nested(1000), Nested(1000) + " "));
  EXPECT_FALSE(JsonEqual(Nested(1000), Nested(999)));
  EXPECT_FALSE(JsonEqual(Nested(200'000), Nested(200'000) + " "));
  const std::string longer = absl::StrCat("[\"", std::string(5 << 20, 'x'), "\"]");
  EXPECT_TRUE(JsonEqual(longer, " " + longer));
}

TEST(CanonicalNumber, HasOneSpellingPerValue) {
  EXPECT_EQ(CanonicalNumber("-12.50"), "-125e-1");
  EXPECT_EQ(CanonicalNumber("1200"), "12e2");
  EXPECT_EQ(CanonicalNumber("0.0012"), "12e-4");
  EXPECT_EQ(CanonicalNumber("-0.0e5"), "0");
  EXPECT_EQ(CanonicalNumber("1e-1000000000000000"), "1e-1000000000000000");
  for (const char* token :
       {"", "-", "+1", ".5", "5.", "1e", "1e+", "0x1", "1_0", "00", "1e1000000000000001"}) {
    EXPECT_EQ(CanonicalNumber(token), std::nullopt) << token;
  }
}

}  // namespace
}  // namespace penstock::store
