// SPDX-License-Identifier: Apache-2.0
#include "store/json_equal.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "simdjson.h"

namespace penstock::store {
namespace {

namespace ondemand = simdjson::ondemand;

// Beyond this the sum of exponent and digit count could leave 64 bits.
constexpr int64_t kMaxExponent = 1'000'000'000'000'000;

// Strings carry their length, so no content can imitate structure.
void AppendString(std::string_view text, std::string& out) {
  absl::StrAppend(&out, "s", text.size(), ":");
  out.append(text);
}

constexpr int kMaxDepth = 1024;

// Each Append writes the canonical spelling and tells whether the text could be walked.
template <typename Value>
bool AppendValue(Value& value, int depth, std::string& out);

bool AppendObject(ondemand::object object, int depth, std::string& out) {
  std::vector<std::pair<std::string, std::string>> members;
  for (auto field : object) {
    std::string_view key;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS) return false;
    members.emplace_back(key, std::string());
    ondemand::value value;
    if (field.value().get(value) != simdjson::SUCCESS || !AppendValue(value, depth, members.back().second))
      return false;
  }
  std::sort(members.begin(), members.end());
  out += '{';
  for (size_t i = 0; i < members.size(); ++i) {
    if (i > 0 && members[i].first == members[i - 1].first) return false;
    AppendString(members[i].first, out);
    out += members[i].second;
  }
  out += '}';
  return true;
}

bool AppendArray(ondemand::array array, int depth, std::string& out) {
  out += '[';
  for (auto element : array) {
    ondemand::value value;
    if (element.get(value) != simdjson::SUCCESS || !AppendValue(value, depth, out)) return false;
  }
  out += ']';
  return true;
}

bool AppendScalar(ondemand::value& value, ondemand::json_type type, std::string& out) {
  switch (type) {
    case ondemand::json_type::string: {
      std::string_view text;
      if (value.get_string().get(text) != simdjson::SUCCESS) return false;
      AppendString(text, out);
      return true;
    }
    case ondemand::json_type::number: {
      const std::string_view token = value.raw_json_token();
      std::optional<std::string> number = CanonicalNumber(absl::string_view(token.data(), token.size()));
      if (!number) return false;
      absl::StrAppend(&out, "n", *number, ";");
      return true;
    }
    case ondemand::json_type::boolean: {
      bool truth = false;
      if (value.get_bool().get(truth) != simdjson::SUCCESS) return false;
      out += truth ? 't' : 'f';
      return true;
    }
    default: {
      bool null = false;
      if (simdjson::simdjson_result<bool>(value.is_null()).get(null) != simdjson::SUCCESS || !null)
        return false;
      out += 'z';
      return true;
    }
  }
}

template <typename Value>
bool AppendValue(Value& value, int depth, std::string& out) {
  if (depth == kMaxDepth) return false;
  ondemand::json_type type;
  if (value.type().get(type) != simdjson::SUCCESS) return false;
  if (type == ondemand::json_type::object) {
    ondemand::object object;
    return value.get_object().get(object) == simdjson::SUCCESS && AppendObject(object, depth + 1, out);
  }
  if (type == ondemand::json_type::array) {
    ondemand::array array;
    return value.get_array().get(array) == simdjson::SUCCESS && AppendArray(array, depth + 1, out);
  }
  if constexpr (std::is_same_v<Value, ondemand::value>) {
    return AppendScalar(value, type, out);
  } else {
    return false;
  }
}

}  // namespace

std::optional<std::string> CanonicalNumber(absl::string_view token) {
  token = absl::StripAsciiWhitespace(token);
  const bool negative = !token.empty() && token[0] == '-';
  if (negative) token.remove_prefix(1);
  const auto take_digits = [&token] {
    size_t count = 0;
    while (count < token.size() && absl::ascii_isdigit(token[count])) ++count;
    const absl::string_view digits = token.substr(0, count);
    token.remove_prefix(count);
    return digits;
  };
  const absl::string_view whole = take_digits();
  if (whole.empty() || (whole.size() > 1 && whole[0] == '0')) return std::nullopt;
  std::string digits(whole);
  int64_t exponent = 0;
  if (!token.empty() && token[0] == '.') {
    token.remove_prefix(1);
    const absl::string_view fraction = take_digits();
    if (fraction.empty()) return std::nullopt;
    absl::StrAppend(&digits, fraction);
    exponent = -static_cast<int64_t>(fraction.size());
  }
  if (!token.empty() && (token[0] == 'e' || token[0] == 'E')) {
    token.remove_prefix(1);
    const bool down = !token.empty() && token[0] == '-';
    if (!token.empty() && (token[0] == '-' || token[0] == '+')) token.remove_prefix(1);
    int64_t written = 0;
    if (!absl::SimpleAtoi(take_digits(), &written) || written > kMaxExponent) return std::nullopt;
    exponent += down ? -written : written;
  }
  if (!token.empty()) return std::nullopt;
  const size_t first = digits.find_first_not_of('0');
  if (first == std::string::npos) return "0";
  const size_t last = digits.find_last_not_of('0');
  exponent += static_cast<int64_t>(digits.size() - 1 - last);
  return absl::StrCat(negative ? "-" : "", digits.substr(first, last - first + 1), "e", exponent);
}

std::optional<std::string> CanonicalJson(absl::string_view text) {
  const simdjson::padded_string padded(text.data(), text.size());
  ondemand::parser parser;
  ondemand::document document;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS) return std::nullopt;
  std::string out;
  if (!AppendValue(document, 0, out)) return std::nullopt;
  // Only past the last token there is no location any more: nothing may follow the value.
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) return std::nullopt;
  return out;
}

bool JsonEqual(absl::string_view a, absl::string_view b) {
  if (a == b) return true;
  const std::optional<std::string> left = CanonicalJson(a);
  return left.has_value() && left == CanonicalJson(b);
}

}  // namespace penstock::store
