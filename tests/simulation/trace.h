// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace penstock::simulation {

// What happened, as one number: the same seed gives the same number (I38). With `print`, as lines too.
class Trace {
 public:
  explicit Trace(bool print) : print_(print) {}

  template <typename... Parts>
  void Note(absl::Duration at, absl::string_view what, const Parts&... parts) {
    Mix(static_cast<uint64_t>(absl::ToInt64Nanoseconds(at)));
    MixText(what);
    (MixPart(parts), ...);
    if (print_) {
      std::string line = absl::StrCat(what);
      (absl::StrAppend(&line, " ", parts), ...);
      std::printf("%12.3f %s\n", absl::ToDoubleSeconds(at), line.c_str());
    }
  }

  uint64_t hash() const { return hash_; }
  bool printing() const { return print_; }

 private:
  void Mix(uint64_t word) {
    hash_ = (hash_ ^ word) * 0x9E3779B97F4A7C15;
    hash_ ^= hash_ >> 29;
  }
  void MixText(absl::string_view text) {
    uint64_t word = 14695981039346656037u;
    for (const char c : text) word = (word ^ static_cast<unsigned char>(c)) * 1099511628211u;
    Mix(word);
  }
  template <typename Part>
  void MixPart(const Part& part) {
    if constexpr (std::is_convertible_v<Part, absl::string_view>) {
      MixText(part);
    } else {
      Mix(static_cast<uint64_t>(part));
    }
  }

  const bool print_;
  uint64_t hash_ = 0;
};

}  // namespace penstock::simulation
