// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "sandbox/query.h"

namespace penstock::sandbox {

// One property of all records of an endpoint, as numbers whose order is the byte order of the texts. Filters
// and sorts then never touch text, and the outcome is exactly that of comparing strings, as the real API
// seems to do. Immutable and so thread-safe, unless the owner of the records says otherwise.
class Column {
 public:
  // The record has no such property, or null: no comparison holds, and it sorts before everything.
  static constexpr uint64_t kNull = 0;

  virtual ~Column() = default;
  virtual uint64_t Key(uint32_t row) const = 0;
  // The smallest key whose text is not less than, or is greater than, `literal`; one past the greatest if
  // none.
  virtual uint64_t LowerBound(absl::string_view literal) const = 0;
  virtual uint64_t UpperBound(absl::string_view literal) const = 0;
};

// Keys k with first <= k < end.
struct KeyRange {
  uint64_t first = 0;
  uint64_t end = std::numeric_limits<uint64_t>::max();
  bool Contains(uint64_t key) const { return first <= key && key < end; }
};
KeyRange RangeOf(const Column& column, Comparison comparison, absl::string_view literal);

// The smallest key in [first, end) for which `holds` is true, given that it stays true from there on; `end`
// if none.
template <typename Predicate>
uint64_t FirstKey(uint64_t first, uint64_t end, Predicate holds) {
  while (first < end) {
    const uint64_t middle = first + (end - first) / 2;
    if (holds(middle)) {
      end = middle;
    } else {
      first = middle + 1;
    }
  }
  return first;
}

// Any texts at all: a key is the text's place among the distinct ones, counted from 1.
class DictionaryColumn final : public Column {
 public:
  // One entry per row; empty: null.
  explicit DictionaryColumn(const std::vector<std::optional<std::string>>& texts);
  uint64_t Key(uint32_t row) const override { return keys_[row]; }
  uint64_t LowerBound(absl::string_view literal) const override;
  uint64_t UpperBound(absl::string_view literal) const override;

 private:
  std::vector<std::string> distinct_;
  std::vector<uint32_t> keys_;
};

}  // namespace penstock::sandbox
