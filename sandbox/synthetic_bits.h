// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace penstock::sandbox {

// The small change of the synthetic tenant: chance that is a pure function of its input, and the spellings of
// ids and stamps. The same input gives the same bytes on every machine.

inline constexpr int64_t kMillisPerDay = 24 * 60 * 60 * 1000;

// One to one, so that distinct inputs give distinct ids (the finaliser of splitmix64).
constexpr uint64_t Mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// A run of dice for one record.
class Dice {
 public:
  explicit Dice(uint64_t seed) : state_(seed) {}
  uint64_t Next() { return Mix(state_ += 0x9e3779b97f4a7c15); }
  // 0 .. n-1
  uint32_t Below(uint32_t n) { return static_cast<uint32_t>(((Next() >> 32) * n) >> 32); }
  bool Percent(uint32_t percent) { return Below(100) < percent; }

 private:
  uint64_t state_;
};

// 12 characters of base64url, as conversations, interactions and plugin calls have them. Ids compare as texts
// the way the numbers compare.
void AppendShortId(uint64_t id, std::string* out);
// 32 hex digits, as plugin resources have them; the same promise.
void AppendHexId(uint64_t id, std::string* out);
// 2026-03-18T06:02:51.061Z; the years 1970 to 9999.
void AppendStamp(int64_t unix_ms, std::string* out);

inline void Append(std::string* out, absl::string_view text) { out->append(text.data(), text.size()); }

}  // namespace penstock::sandbox
