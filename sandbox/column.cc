// SPDX-License-Identifier: Apache-2.0
#include "sandbox/column.h"

#include <algorithm>

namespace penstock::sandbox {

KeyRange RangeOf(const Column& column, Comparison comparison, absl::string_view literal) {
  constexpr uint64_t kFirst = Column::kNull + 1;
  constexpr uint64_t kEnd = std::numeric_limits<uint64_t>::max();
  switch (comparison) {
    case Comparison::kEq:
      return {column.LowerBound(literal), column.UpperBound(literal)};
    case Comparison::kGe:
      return {column.LowerBound(literal), kEnd};
    case Comparison::kGt:
      return {column.UpperBound(literal), kEnd};
    case Comparison::kLe:
      return {kFirst, column.UpperBound(literal)};
    case Comparison::kLt:
      return {kFirst, column.LowerBound(literal)};
  }
  return {kEnd, kEnd};
}

DictionaryColumn::DictionaryColumn(const std::vector<std::optional<std::string>>& texts) {
  for (const auto& text : texts) {
    if (text) distinct_.push_back(*text);
  }
  std::sort(distinct_.begin(), distinct_.end());
  distinct_.erase(std::unique(distinct_.begin(), distinct_.end()), distinct_.end());
  keys_.reserve(texts.size());
  for (const auto& text : texts) keys_.push_back(text ? LowerBound(*text) : kNull);
}

uint64_t DictionaryColumn::LowerBound(absl::string_view literal) const {
  return 1 + (std::lower_bound(distinct_.begin(), distinct_.end(), literal,
                               [](const std::string& a, absl::string_view b) { return a < b; }) -
              distinct_.begin());
}

uint64_t DictionaryColumn::UpperBound(absl::string_view literal) const {
  return 1 + (std::upper_bound(distinct_.begin(), distinct_.end(), literal,
                               [](absl::string_view a, const std::string& b) { return a < b; }) -
              distinct_.begin());
}

}  // namespace penstock::sandbox
