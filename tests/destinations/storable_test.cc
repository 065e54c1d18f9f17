// SPDX-License-Identifier: Apache-2.0
#include "destinations/storable.h"

#include <gtest/gtest.h>

namespace penstock::destinations {

// As the server would store it.
std::string Stored(const std::string& json) {
  std::string kept;
  return StorableJson(json, &kept) ? kept : json;
}

constexpr char kReplaced[] = "\"\xEF\xBF\xBD\"";

TEST(Storable, TextLosesItsNul) {
  std::string kept = "untouched";
  EXPECT_FALSE(StorableText("caf\xC3\xA9 \\u0000", &kept));
  EXPECT_EQ(kept, "untouched");
  EXPECT_TRUE(StorableText(absl::string_view("\0a\0", 3), &kept));
  EXPECT_EQ(kept,
            "\xEF\xBF\xBD"
            "a"
            "\xEF\xBF\xBD");
}

TEST(Storable, JsonLosesNulAndHalfSurrogatePairs) {
  EXPECT_EQ(Stored(R"("\u0000")"), kReplaced);
  EXPECT_EQ(Stored(R"("\ud83d")"), kReplaced);
  EXPECT_EQ(Stored(R"("\uDE00")"), kReplaced);
  EXPECT_EQ(Stored(R"("\ud83d\u0041")"), "\"\xEF\xBF\xBD\\u0041\"");
  EXPECT_EQ(Stored(R"("\ud83d\ud83d\ude00")"), "\"\xEF\xBF\xBD\\ud83d\\ude00\"");
}

TEST(Storable, JsonKeepsEverythingElse) {
  for (const char* json : {R"({"a":"\ud83d\ude00"})", R"("\\u0000")", R"("\\\\ud83d")", R"("\n\"\/\u00e9")",
                           "[1e400]", "\"\""}) {
    EXPECT_EQ(Stored(json), json);
  }
}

TEST(Storable, WhatWasReplacedIsNamedInExtra) {
  EXPECT_EQ(WithReplaced("", "\"A\""), R"({"PENSTOCK_REPLACED":["A"]})");
  EXPECT_EQ(WithReplaced(R"({"org":1})", "\"A\",\"B\""), R"({"org":1,"PENSTOCK_REPLACED":["A","B"]})");
}

}  // namespace penstock::destinations
