// SPDX-License-Identifier: Apache-2.0
#include "base/nearest_word.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

const std::vector<std::string> kWords = {"jobs", "windows", "coverage", "status", "run", "rows"};

TEST(NearestWord, FindsTheWordBehindATypingMistake) {
  EXPECT_EQ(NearestWord("job", kWords), "jobs");            // too few
  EXPECT_EQ(NearestWord("coveragge", kWords), "coverage");  // too many
  EXPECT_EQ(NearestWord("wimdows", kWords), "windows");     // wrong
  EXPECT_EQ(NearestWord("sttaus", kWords), "status");       // swapped
}

TEST(NearestWord, SaysNothingWhenNothingIsNear) {
  EXPECT_EQ(NearestWord("frobnicate", kWords), "");
  EXPECT_EQ(NearestWord("", kWords), "");
  EXPECT_EQ(NearestWord("jobs", {}), "");
}

TEST(NearestWord, AVeryLongWordIsAnsweredAtOnce) {
  EXPECT_EQ(NearestWord(std::string(1 << 20, 'j'), kWords), "");
}

TEST(DidYouMean, IsTheEndOfASentence) {
  EXPECT_EQ(DidYouMean("covrage", kWords), "; did you mean 'coverage'?");
  EXPECT_EQ(DidYouMean("frobnicate", kWords), "");
}

}  // namespace
}  // namespace penstock
