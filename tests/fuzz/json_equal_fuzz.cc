// SPDX-License-Identifier: Apache-2.0
// Whether two records are the same value: saying so wrongly would drop a change. The oracle is simdjson's other
// reader, its DOM, and strtold for numbers. Input: one JSON text on the first line, the other one behind it.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>

#include "base/status_macros.h"
#include "simdjson.h"
#include "store/json_equal.h"
#include "tests/fuzz/fuzz_input.h"

namespace penstock::store {
namespace {

namespace dom = simdjson::dom;

bool Same(const dom::element& a, const dom::element& b);

bool SameObject(const dom::object& a, const dom::object& b) {
  std::map<std::string_view, dom::element> members;
  for (const dom::key_value_pair field : a) members[field.key] = field.value;
  size_t count = 0;
  for (const dom::key_value_pair field : b) {
    const auto found = members.find(field.key);
    if (found == members.end() || !Same(found->second, field.value)) return false;
    ++count;
  }
  return count == members.size();
}

bool SameArray(const dom::array& a, const dom::array& b) {
  auto left = a.begin();
  auto right = b.begin();
  for (; left != a.end() && right != b.end(); ++left, ++right) {
    if (!Same(*left, *right)) return false;
  }
  return !(left != a.end()) && !(right != b.end());
}

double Number(const dom::element& element) { return double(element); }

bool Same(const dom::element& a, const dom::element& b) {
  if (a.is_number() && b.is_number()) return Number(a) == Number(b);
  if (a.type() != b.type()) return false;
  switch (a.type()) {
    case dom::element_type::OBJECT:
      return SameObject(dom::object(a), dom::object(b));
    case dom::element_type::ARRAY:
      return SameArray(dom::array(a), dom::array(b));
    case dom::element_type::STRING:
      return std::string_view(a) == std::string_view(b);
    case dom::element_type::BOOL:
      return bool(a) == bool(b);
    default:
      return true;  // null
  }
}

// The same value with other white space.
std::string Spaced(absl::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      const size_t begin = i;
      for (++i; i < text.size() && text[i] != '"'; ++i) i += text[i] == '\\';
      out.append(text.data() + begin, std::min(i + 1, text.size()) - begin);
    } else if (text[i] == ',' || text[i] == ':') {
      out += std::string(" ") + text[i] + "\n\t";
    } else {
      out += text[i];
    }
  }
  return out;
}

void CheckNumber(const std::string& token) {
  const std::optional<std::string> canonical = CanonicalNumber(token);
  if (!canonical) return;
  const std::optional<std::string> again = CanonicalNumber(*canonical);
  CHECK(again == canonical);
  const long double before = std::strtold(token.c_str(), nullptr);
  const long double after = std::strtold(canonical->c_str(), nullptr);
  CHECK(before == after);
}

void Fuzz(fuzz::FuzzInput input) {
  const std::string a = input.Line();
  const std::string b(input.Rest());
  CheckNumber(a.c_str());
  const bool equal = JsonEqual(a, b);
  CHECK(JsonEqual(a, a) && JsonEqual(b, b));
  CHECK(JsonEqual(b, a) == equal);
  if (CanonicalJson(a)) {
    CHECK(JsonEqual(a, Spaced(a)));
  } else {
    CHECK(equal == (a == b));
  }
  dom::parser left_parser;
  dom::parser right_parser;
  dom::element left;
  dom::element right;
  if (!equal || left_parser.parse(a).get(left) || right_parser.parse(b).get(right)) return;
  CHECK(a == b || Same(left, right));
}

}  // namespace
}  // namespace penstock::store

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  penstock::store::Fuzz({data, size});
  return 0;
}
