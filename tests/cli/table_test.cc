// SPDX-License-Identifier: Apache-2.0
#include "cli/table.h"

#include <gtest/gtest.h>

namespace penstock::cli {
namespace {

TEST(Table, AlignsTextToTheLeftAndNumbersToTheRight) {
  Table table({{"ENDPOINT"}, {"ROWS", Table::kRight}, {"NOTE"}});
  table.Add({"users", "1,021,500", ""});
  table.Add({"plugin-calls", "7", "ok"});
  EXPECT_EQ(table.Render(80),
            "ENDPOINT           ROWS  NOTE\n"
            "users         1,021,500\n"
            "plugin-calls          7  ok\n");
}

TEST(Table, CutsWhatIsTooWideAndShowsThatItDid) {
  Table table({{"A"}, {"REASON"}});
  table.Add({"x", "a sentence that does not fit"});
  EXPECT_EQ(table.Render(16), "A  REASON\nx  a sentence...\n");
}

TEST(Table, CountsColumnsNotBytes) {
  Table table({{"NAME"}, {"N", Table::kRight}});
  table.Add({"gr\xC3\xBC\xC3\x9F", "1"});
  table.Add({"abcd", "2"});
  EXPECT_EQ(table.Render(80), "NAME  N\ngr\xC3\xBC\xC3\x9F  1\nabcd  2\n");
}

TEST(Table, ALineBreakInACellStaysInItsRow) {
  Table table({{"A"}});
  EXPECT_TRUE(table.empty());
  table.Add({"x\ny"});
  EXPECT_EQ(table.Render(80), "A\nx y\n");
}

}  // namespace
}  // namespace penstock::cli
