// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace penstock::fuzz {

// Cuts a fuzzer's bytes into the pieces that a target needs. Where they end, numbers are zero and texts
// empty, so that every input is a valid one.
class FuzzInput {
 public:
  FuzzInput(const uint8_t* data, size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

  absl::string_view Bytes(size_t count) {
    const absl::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(taken.size());
    return taken;
  }

  // One byte says how many follow.
  std::string Text() { return std::string(Bytes(Number(1))); }

  // Big-endian.
  uint64_t Number(size_t bytes) {
    uint64_t number = 0;
    for (char byte : Bytes(bytes)) number = number << 8 | static_cast<unsigned char>(byte);
    return number;
  }

  // Up to the next line end, which is taken off too: such inputs can be written by hand.
  std::string Line() {
    const std::string line(rest_.substr(0, rest_.find('\n')));
    rest_.remove_prefix(std::min(line.size() + 1, rest_.size()));
    return line;
  }

  absl::string_view Rest() const { return rest_; }

 private:
  absl::string_view rest_;
};

}  // namespace penstock::fuzz
