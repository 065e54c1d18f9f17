// SPDX-License-Identifier: Apache-2.0
#include "worker/json_value.h"

#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace penstock::worker {
namespace {

constexpr int kMaxDepth = 500;

// Reads forward through a text; every method leaves `rest_` behind what it accepted and says whether it did.
class Walk {
 public:
  explicit Walk(absl::string_view text) : rest_(text) {}

  bool AtEnd() const { return rest_.empty(); }

  bool Value(int depth) {
    if (rest_.empty() || depth > kMaxDepth) return false;
    switch (rest_.front()) {
      case '{':
        return Members('}', depth, /*named=*/true);
      case '[':
        return Members(']', depth, /*named=*/false);
      case '"':
        return String();
      case 't':
        return Word("true");
      case 'f':
        return Word("false");
      case 'n':
        return Word("null");
      default:
        return Number();
    }
  }

  bool Number() {
    Take('-');
    if (!Take('0') && !Digits()) return false;
    if (Take('.') && !Digits()) return false;
    if (Take('e') || Take('E')) {
      if (!Take('+')) Take('-');
      return Digits();
    }
    return true;
  }

 private:
  bool Take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool Word(absl::string_view word) {
    if (!absl::StartsWith(rest_, word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  bool Digits() {
    size_t count = 0;
    while (count < rest_.size() && absl::ascii_isdigit(rest_[count])) ++count;
    rest_.remove_prefix(count);
    return count > 0;
  }

  void Space() {
    while (Take(' ') || Take('\n') || Take('\r') || Take('\t')) {
    }
  }

  bool String() {
    if (!Take('"')) return false;
    for (size_t i = 0; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        const absl::string_view between = rest_.substr(0, i);
        rest_.remove_prefix(i + 1);
        // Only escapes and control characters can be wrong in it.
        return DecodeJsonString(between).has_value();
      }
      if (rest_[i] == '\\') ++i;
    }
    return false;
  }

  bool Members(char close, int depth, bool named) {
    rest_.remove_prefix(1);
    Space();
    if (Take(close)) return true;
    while (true) {
      Space();
      if (named) {
        if (!String()) return false;
        Space();
        if (!Take(':')) return false;
        Space();
      }
      if (!Value(depth + 1)) return false;
      Space();
      if (Take(close)) return true;
      if (!Take(',')) return false;
    }
  }

  absl::string_view rest_;
};

// The code unit of four hex digits at `text`; empty when they are not there.
std::optional<uint32_t> HexUnit(absl::string_view text) {
  if (text.size() < 4) return std::nullopt;
  uint32_t unit = 0;
  for (char c : text.substr(0, 4)) {
    if (!absl::ascii_isxdigit(c)) return std::nullopt;
    unit = unit * 16 + (absl::ascii_isdigit(c) ? c - '0' : absl::ascii_tolower(c) - 'a' + 10);
  }
  return unit;
}

void AppendUtf8(uint32_t point, std::string* out) {
  const auto tail = [&](int shift) { *out += static_cast<char>(0x80 | ((point >> shift) & 0x3F)); };
  if (point < 0x80) {
    *out += static_cast<char>(point);
  } else if (point < 0x800) {
    *out += static_cast<char>(0xC0 | (point >> 6));
    tail(0);
  } else if (point < 0x10000) {
    *out += static_cast<char>(0xE0 | (point >> 12));
    tail(6);
    tail(0);
  } else {
    *out += static_cast<char>(0xF0 | (point >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

bool IsHigh(uint32_t unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool IsLow(uint32_t unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

// `rest` stands behind "\u"; afterwards behind the escape, or behind both of a surrogate pair.
bool DecodeUnicode(absl::string_view* rest, DecodedString* out) {
  const std::optional<uint32_t> unit = HexUnit(*rest);
  if (!unit.has_value()) return false;
  rest->remove_prefix(4);
  if (!IsHigh(*unit) && !IsLow(*unit)) {
    AppendUtf8(*unit, &out->text);
    return true;
  }
  if (IsHigh(*unit) && absl::StartsWith(*rest, "\\u")) {
    const std::optional<uint32_t> low = HexUnit(rest->substr(2));
    if (low.has_value() && IsLow(*low)) {
      rest->remove_prefix(6);
      AppendUtf8(0x10000 + ((*unit - 0xD800) << 10) + (*low - 0xDC00), &out->text);
      return true;
    }
  }
  out->exact = false;
  AppendUtf8(0xFFFD, &out->text);
  return true;
}

bool DecodeEscape(absl::string_view* rest, DecodedString* out) {
  if (rest->empty()) return false;
  static constexpr absl::string_view kNames = "\"\\/bfnrt";
  static constexpr absl::string_view kValues = "\"\\/\b\f\n\r\t";
  const char name = rest->front();
  rest->remove_prefix(1);
  if (name == 'u') return DecodeUnicode(rest, out);
  const size_t known = kNames.find(name);
  if (known == absl::string_view::npos) return false;
  out->text += kValues[known];
  return true;
}

}  // namespace

bool IsJson(absl::string_view text) {
  Walk walk(text);
  return walk.Value(1) && walk.AtEnd();
}

bool IsJsonNumber(absl::string_view text) {
  Walk walk(text);
  return walk.Number() && walk.AtEnd();
}

std::optional<DecodedString> DecodeJsonString(absl::string_view rest) {
  DecodedString out;
  out.text.reserve(rest.size());
  while (!rest.empty()) {
    size_t plain = 0;
    while (plain < rest.size() && rest[plain] != '\\' && static_cast<unsigned char>(rest[plain]) >= 0x20 &&
           rest[plain] != '"') {
      ++plain;
    }
    out.text.append(rest.data(), plain);
    rest.remove_prefix(plain);
    if (rest.empty()) break;
    if (rest.front() != '\\') return std::nullopt;
    rest.remove_prefix(1);
    if (!DecodeEscape(&rest, &out)) return std::nullopt;
  }
  return out;
}

}  // namespace penstock::worker
