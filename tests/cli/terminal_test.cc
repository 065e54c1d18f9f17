// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/instant.h"

namespace penstock::cli {
namespace {

using ::testing::HasSubstr;

const Progress kProgress = {"acme", 0.58, 1'021'500, 2'043, 60, absl::Minutes(25)};

TEST(ProgressBar, IsThatOfTheDesign) {
  EXPECT_EQ(ProgressBar(kProgress, 80),
            "acme  58 % [#################.............] 1,021,500 rows  60/min  left 25 min");
}

TEST(ProgressBar, SaysNothingOfATimeThatIsNotKnown) {
  Progress progress = kProgress;
  progress.left.reset();
  EXPECT_EQ(ProgressBar(progress, 80), "acme  58 % [#################.............] 1,021,500 rows  60/min");
}

TEST(ProgressBar, NeverGetsWiderThanTheTerminal) {
  for (int width = 1; width < 120; ++width)
    EXPECT_LE(Columns(ProgressBar(kProgress, width)), static_cast<size_t>(width));
  EXPECT_THAT(ProgressBar(kProgress, 50), HasSubstr("1,021,500 rows"));
}

TEST(ProgressBar, IsFullOnlyAtTheEnd) {
  Progress progress = kProgress;
  progress.fraction = 0.9999;
  EXPECT_THAT(ProgressBar(progress, 80), HasSubstr(" 99 % [#############################.]"));
  progress.fraction = 1;
  EXPECT_THAT(ProgressBar(progress, 80), HasSubstr(" 100 % [##############################]"));
  progress.fraction = 7;
  EXPECT_THAT(ProgressBar(progress, 80), HasSubstr(" 100 % "));
  progress.fraction = -1;
  EXPECT_THAT(ProgressBar(progress, 80), HasSubstr(" 0 % [.............................."));
}

TEST(ProgressLine, HasTheTimeAndTheRequests) {
  EXPECT_EQ(ProgressLine(kProgress, *ParseDate("2026-03-31T06:02:11.7Z")),
            "2026-03-31T06:02:11Z acme 58 %, 1,021,500 rows, 2,043 requests, 60/min, left 25 min");
}

TEST(WithSeparators, GroupsByThree) {
  EXPECT_EQ(WithSeparators(0), "0");
  EXPECT_EQ(WithSeparators(999), "999");
  EXPECT_EQ(WithSeparators(1000), "1,000");
  EXPECT_EQ(WithSeparators(UINT64_MAX), "18,446,744,073,709,551,615");
  EXPECT_EQ(Counted(1, "row"), "1 row");
  EXPECT_EQ(Counted(2043, "row"), "2,043 rows");
}

TEST(Printable, TakesTheTeethOutOfEscapeSequences) {
  EXPECT_EQ(Printable("a\x1B[31mb\nc\x7F"), "a [31mb c ");
  EXPECT_EQ(Printable("a\xC2\x9B"
                      "31m"),
            "a  31m");  // CSI as one character
  EXPECT_EQ(Printable("gr\xC3\xBC\xC3\x9F"), "gr\xC3\xBC\xC3\x9F");
}

TEST(Columns, CountsCodePoints) {
  EXPECT_EQ(Columns("gr\xC3\xBC\xC3\x9F"), 4u);
  EXPECT_EQ(Cut("gr\xC3\xBC\xC3\x9F", 3), "gr\xC3\xBC");
  EXPECT_EQ(Cut("abc", 9), "abc");
}

TEST(Wrap, BreaksBetweenWordsAndIndentsWhatFollows) {
  EXPECT_EQ(Wrap("one two three four", 9, 2), "one two\n  three\n  four");
  EXPECT_EQ(Wrap("unbreakably long", 5), "unbreakably\nlong");
  EXPECT_EQ(Wrap("", 5), "");
}

TEST(StandardOutput, OfATestIsNoTerminal) { EXPECT_GE(StandardOutput().width, 40); }

}  // namespace
}  // namespace penstock::cli
