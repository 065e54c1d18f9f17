// SPDX-License-Identifier: Apache-2.0
#include "worker/record_reader.h"

#include <cstring>
#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "worker/json_token.h"

#define RETURN_IF_JSON_ERROR(expr)                             \
  do {                                                         \
    if (const simdjson::error_code code = (expr)) return code; \
  } while (false)

namespace penstock::worker {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr char kBadKey[] = "a key holds an escape that JSON does not know";
constexpr char kBadScalar[] = "a value is not JSON (like NaN, or a bad escape)";
constexpr char kTooDeep[] = "it nests deeper than 1000 levels";

// Without JSON's white space behind it; a token has none in front. Other control characters stay and are
// found wrong.
absl::string_view Trimmed(std::string_view text) {
  size_t size = text.size();
  while (size > 0 && (text[size - 1] == ' ' || text[size - 1] == '\n' || text[size - 1] == '\r' ||
                      text[size - 1] == '\t')) {
    --size;
  }
  return absl::string_view(text.data(), size);
}

bool IsGoodKey(absl::string_view raw_key) {
  // The key's quotes stand around it in the text.
  return !absl::StrContains(raw_key, '\\') ||
         IsScalar(absl::string_view(raw_key.data() - 1, raw_key.size() + 2));
}

// Checks a value and everything in it. When `fault` is set the walk stopped inside, and the rest is skipped.
simdjson::error_code Walk(ondemand::value value, int depth, const char*& fault);

simdjson::error_code WalkObject(ondemand::object object, int depth, const char*& fault) {
  for (auto item : object) {
    ondemand::field field;
    RETURN_IF_JSON_ERROR(std::move(item).get(field));
    if (!IsGoodKey(RawKey(field.key()))) fault = kBadKey;
    if (fault == nullptr) RETURN_IF_JSON_ERROR(Walk(field.value(), depth + 1, fault));
    if (fault != nullptr) return simdjson::SUCCESS;
  }
  return simdjson::SUCCESS;
}

simdjson::error_code WalkArray(ondemand::array array, int depth, const char*& fault) {
  for (auto item : array) {
    ondemand::value value;
    RETURN_IF_JSON_ERROR(std::move(item).get(value));
    RETURN_IF_JSON_ERROR(Walk(value, depth + 1, fault));
    if (fault != nullptr) return simdjson::SUCCESS;
  }
  return simdjson::SUCCESS;
}

simdjson::error_code Walk(ondemand::value value, int depth, const char*& fault) {
  absl::string_view token;
  RETURN_IF_JSON_ERROR(Token(value, token));
  const char first = token.empty() ? '\0' : token[0];
  if (first != '{' && first != '[') {
    if (!IsScalar(token)) fault = kBadScalar;
    // Stepped over by hand: where a string is followed by a colon, simdjson's own skipping takes both for a
    // key.
    if (first == '"') return value.get_raw_json_string().error();
    if (fault == nullptr) return simdjson::SUCCESS;
    // A closing bracket or a comma in a value's place is no bad scalar: the structure itself is broken.
    return first == '\0' || std::strchr("]},:", first) != nullptr ? simdjson::TAPE_ERROR : simdjson::SUCCESS;
  }
  if (depth > kMaxDepth) {
    fault = kTooDeep;
    return simdjson::SUCCESS;
  }
  if (first == '{') {
    ondemand::object object;
    RETURN_IF_JSON_ERROR(value.get_object().get(object));
    return WalkObject(object, depth, fault);
  }
  ondemand::array array;
  RETURN_IF_JSON_ERROR(value.get_array().get(array));
  return WalkArray(array, depth, fault);
}

simdjson::error_code ReadFields(ondemand::object object, RecordText& record, FieldCensus& census) {
  census.BeginRecord();
  for (auto item : object) {
    ondemand::field field;
    RETURN_IF_JSON_ERROR(std::move(item).get(field));
    const absl::string_view key = RawKey(field.key());
    ondemand::value value = field.value();
    if (!IsGoodKey(key)) {
      record.fault = kBadKey;
    } else if (KeyIs(key, "id")) {
      RETURN_IF_JSON_ERROR(Token(value, record.id));
    } else if (KeyIs(key, "created_time")) {
      RETURN_IF_JSON_ERROR(Token(value, record.created_time));
    } else if (KeyIs(key, "last_updated_time")) {
      RETURN_IF_JSON_ERROR(Token(value, record.last_updated_time));
    }
    if (record.fault == nullptr) {
      census.Note(key, value.raw_json_token()[0]);
      RETURN_IF_JSON_ERROR(Walk(value, 2, record.fault));
    }
    if (record.fault != nullptr) return simdjson::SUCCESS;
  }
  return simdjson::SUCCESS;
}

// Whether every reader finds the record's end where simdjson did, which matches brackets without a look at their
// kind and takes a backslash for an escape even outside strings.
bool EndIsCertain(absl::string_view record) {
  std::string open;
  bool in_string = false;
  for (size_t i = 0; i < record.size(); ++i) {
    const char c = record[i];
    if (c == '"') {
      in_string = !in_string;
    } else if (c == '\\') {
      if (!in_string) return false;
      ++i;
    } else if (in_string) {
      continue;
    } else if (c == '{' || c == '[') {
      open += c;
    } else if (c == '}' || c == ']') {
      if (open.empty() || open.back() != (c == '}' ? '{' : '[')) return false;
      open.pop_back();
      if (open.empty() && i + 1 < record.size()) return false;
    }
  }
  return open.empty() && !in_string;
}

// Notes where an object or array lies and reads it with `read`.
template <typename Container, typename Read>
simdjson::error_code ReadWhole(Container& container, RecordText& record, Read read) {
  std::string_view raw;
  RETURN_IF_JSON_ERROR(container.raw_json().get(raw));
  record.raw = Trimmed(raw);
  RETURN_IF_JSON_ERROR(container.reset().error());
  RETURN_IF_JSON_ERROR(read());
  if (record.fault == nullptr) return simdjson::SUCCESS;
  if (!EndIsCertain(record.raw)) return simdjson::TAPE_ERROR;
  // At a fault the walk stopped inside. From there simdjson's own skipping can miss the end (it takes a string in
  // front of a colon for a key), so the record is passed from its beginning.
  RETURN_IF_JSON_ERROR(container.reset().error());
  return container.raw_json().error();
}

}  // namespace

absl::string_view RawKey(ondemand::raw_json_string key) {
  const char* const begin = key.raw();
  const char* end = begin;
  while (*end != '"') end += *end == '\\' ? 2 : 1;  // simdjson has found the closing quote
  return absl::string_view(begin, static_cast<size_t>(end - begin));
}

bool KeyIs(absl::string_view raw_key, absl::string_view name) {
  if (raw_key == name) return true;
  if (std::memchr(raw_key.data(), '\\', raw_key.size()) == nullptr) return false;
  const std::optional<std::string> key = DecodeString(absl::StrCat("\"", raw_key, "\""));
  return key.has_value() && *key == name;
}

simdjson::error_code Token(ondemand::value value, absl::string_view& token) {
  token = Trimmed(value.raw_json_token());
  return simdjson::SUCCESS;
}

simdjson::error_code WalkPast(ondemand::value value, const char*& fault) { return Walk(value, 1, fault); }

simdjson::error_code ReadRecord(ondemand::value element, RecordText& record, FieldCensus& census) {
  record = RecordText();
  absl::string_view token;
  RETURN_IF_JSON_ERROR(Token(element, token));
  if (absl::StartsWith(token, "{")) {
    ondemand::object object;
    RETURN_IF_JSON_ERROR(element.get_object().get(object));
    return ReadWhole(object, record, [&] { return ReadFields(object, record, census); });
  }
  record.fault = "it is not a JSON object";
  const char* ignored = nullptr;
  if (absl::StartsWith(token, "[")) {
    ondemand::array array;
    RETURN_IF_JSON_ERROR(element.get_array().get(array));
    return ReadWhole(array, record, [&] { return WalkArray(array, 1, ignored); });
  }
  record.raw = token;
  if (!EndIsCertain(token)) return simdjson::TAPE_ERROR;
  return Walk(element, 1, ignored);
}

}  // namespace penstock::worker
