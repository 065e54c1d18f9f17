// SPDX-License-Identifier: Apache-2.0
#include "destinations/sqlserver/utf16.h"

#include <cstdint>

namespace penstock::destinations::sqlserver {
namespace {

bool IsHigh(char32_t unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool IsLow(char32_t unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

// How many bytes follow a first byte; -1: it is none.
int Following(uint8_t first) {
  if (first < 0x80) return 0;
  if (first >= 0xC2 && first < 0xE0) return 1;
  if (first >= 0xE0 && first < 0xF0) return 2;
  if (first >= 0xF0 && first < 0xF5) return 3;
  return -1;
}

void AppendUtf8(char32_t point, std::string* utf8) {
  const auto byte = [utf8](char32_t bits) { utf8->push_back(static_cast<char>(bits)); };
  if (point < 0x80) {
    byte(point);
  } else if (point < 0x800) {
    byte(0xC0 | point >> 6);
    byte(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    byte(0xE0 | point >> 12);
    byte(0x80 | (point >> 6 & 0x3F));
    byte(0x80 | (point & 0x3F));
  } else {
    byte(0xF0 | point >> 18);
    byte(0x80 | (point >> 12 & 0x3F));
    byte(0x80 | (point >> 6 & 0x3F));
    byte(0x80 | (point & 0x3F));
  }
}

}  // namespace

bool ToUtf16(absl::string_view utf8, std::u16string* utf16) {
  constexpr char32_t kSmallest[] = {0, 0x80, 0x800,
                                    0x10000};  // by the number of following bytes: none is longer than
                                               // it must be
  utf16->clear();
  utf16->reserve(utf8.size());
  for (size_t i = 0; i < utf8.size();) {
    const auto first = static_cast<uint8_t>(utf8[i]);
    const int following = Following(first);
    if (following < 0 || i + following >= utf8.size()) return false;
    char32_t point = following == 0 ? first : first & (0x3F >> following);
    for (int k = 1; k <= following; ++k) {
      const auto next = static_cast<uint8_t>(utf8[i + k]);
      if ((next & 0xC0) != 0x80) return false;
      point = point << 6 | (next & 0x3F);
    }
    if (point < kSmallest[following] || point > 0x10FFFF || IsHigh(point) || IsLow(point)) return false;
    if (point < 0x10000) {
      utf16->push_back(static_cast<char16_t>(point));
    } else {
      utf16->push_back(static_cast<char16_t>(0xD800 + ((point - 0x10000) >> 10)));
      utf16->push_back(static_cast<char16_t>(0xDC00 + ((point - 0x10000) & 0x3FF)));
    }
    i += 1 + following;
  }
  return true;
}

std::string ToUtf8(std::u16string_view utf16) {
  std::string utf8;
  utf8.reserve(utf16.size());
  for (size_t i = 0; i < utf16.size(); ++i) {
    char32_t point = utf16[i];
    if (IsHigh(point) && i + 1 < utf16.size() && IsLow(utf16[i + 1])) {
      point = 0x10000 + ((point - 0xD800) << 10) + (utf16[++i] - 0xDC00);
    } else if (IsHigh(point) || IsLow(point)) {
      point = 0xFFFD;
    }
    AppendUtf8(point, &utf8);
  }
  return utf8;
}

}  // namespace penstock::destinations::sqlserver
