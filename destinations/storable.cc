// SPDX-License-Identifier: Apache-2.0
#include "destinations/storable.h"

#include <cstdint>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace penstock::destinations {
namespace {

constexpr char kReplacement[] = "\xEF\xBF\xBD";
constexpr absl::string_view kNul("\0", 1);
constexpr size_t kEscape = 6;  // \uXXXX

// The code unit of the \uXXXX at `at`; -1: there is none.
int32_t CodeUnit(absl::string_view json, size_t at) {
  if (at + kEscape > json.size() || json[at] != '\\' || json[at + 1] != 'u') return -1;
  uint32_t unit = 0;
  return absl::SimpleHexAtoi(json.substr(at + 2, 4), &unit) ? static_cast<int32_t>(unit) : -1;
}

bool IsHigh(int32_t unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool IsLow(int32_t unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

}  // namespace

bool StorableText(absl::string_view text, std::string* kept) {
  if (!absl::StrContains(text, kNul)) return false;
  *kept = absl::StrReplaceAll(text, {{kNul, kReplacement}});
  return true;
}

bool StorableJson(absl::string_view json, std::string* kept) {
  if (!absl::StrContains(json, "\\u")) return false;
  std::string result;
  bool replaced = false;
  for (size_t i = 0; i < json.size();) {
    if (json[i] != '\\') {
      result += json[i++];
      continue;
    }
    const int32_t unit = CodeUnit(json, i);
    if (unit < 0) {  // \n, \\ and the like
      result.append(json.substr(i, 2).data(), json.substr(i, 2).size());
      i += 2;
    } else if (IsHigh(unit) && IsLow(CodeUnit(json, i + kEscape))) {
      absl::StrAppend(&result, json.substr(i, 2 * kEscape));
      i += 2 * kEscape;
    } else if (unit == 0 || IsHigh(unit) || IsLow(unit)) {
      result += kReplacement;
      replaced = true;
      i += kEscape;
    } else {
      absl::StrAppend(&result, json.substr(i, kEscape));
      i += kEscape;
    }
  }
  if (replaced) *kept = std::move(result);
  return replaced;
}

std::string WithReplaced(absl::string_view extra, absl::string_view quoted_columns) {
  const absl::string_view members = extra.size() > 2 ? extra.substr(1, extra.size() - 2) : "";
  return absl::StrCat("{", members, members.empty() ? "" : ",", "\"", kReplacedMember, "\":[", quoted_columns,
                      "]}");
}

}  // namespace penstock::destinations
