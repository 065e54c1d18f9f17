// SPDX-License-Identifier: Apache-2.0
#include "sandbox/column.h"

#include <gtest/gtest.h>

namespace penstock::sandbox {
namespace {

std::string Matches(const DictionaryColumn& column, const std::vector<std::optional<std::string>>& texts,
                    Comparison comparison, absl::string_view literal) {
  const KeyRange range = RangeOf(column, comparison, literal);
  std::string rows;
  for (uint32_t row = 0; row < texts.size(); ++row) {
    if (range.Contains(column.Key(row))) rows += texts[row].value_or("null") + ";";
  }
  return rows;
}

TEST(DictionaryColumn, ComparesAsBytesAndNullNeverMatches) {
  const std::vector<std::optional<std::string>> texts = {"b", "a", std::nullopt, "B", "b", "é"};
  const DictionaryColumn column(texts);
  EXPECT_EQ(Matches(column, texts, Comparison::kEq, "b"), "b;b;");
  EXPECT_EQ(Matches(column, texts, Comparison::kEq, "c"), "");
  EXPECT_EQ(Matches(column, texts, Comparison::kGe, "b"), "b;b;é;");
  EXPECT_EQ(Matches(column, texts, Comparison::kGt, "b"), "é;");
  EXPECT_EQ(Matches(column, texts, Comparison::kLe, "a"), "a;B;");
  EXPECT_EQ(Matches(column, texts, Comparison::kLt, "a"), "B;");
  EXPECT_EQ(Matches(column, texts, Comparison::kLt, ""), "");
  EXPECT_EQ(Matches(column, texts, Comparison::kGe, ""), "b;a;B;b;é;");
}

TEST(DictionaryColumn, ABoundWithoutMillisecondsComparesAsTextAndNotAsTime) {
  // 'Z' sorts after '.', so a bound without a fraction lies after every fraction of its second (DATA_API 3).
  const std::vector<std::optional<std::string>> texts = {"2026-03-01T05:09:09.028Z",
                                                         "2026-03-01T05:09:10.000Z"};
  const DictionaryColumn column(texts);
  EXPECT_EQ(Matches(column, texts, Comparison::kGe, "2026-03-01T05:09:09Z"), "2026-03-01T05:09:10.000Z;");
}

TEST(FirstKey, FindsWhereAPropertyBegins) {
  EXPECT_EQ(FirstKey(1, 100, [](uint64_t key) { return key >= 42; }), 42u);
  EXPECT_EQ(FirstKey(1, 100, [](uint64_t) { return true; }), 1u);
  EXPECT_EQ(FirstKey(1, 100, [](uint64_t) { return false; }), 100u);
}

}  // namespace
}  // namespace penstock::sandbox
