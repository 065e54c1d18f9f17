// SPDX-License-Identifier: Apache-2.0
#include "coordinator/person_fields.h"

#include <simdjson.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace penstock::coordinator {
namespace {

// Left as it was for an object, an array, true, false, null, and a string that is no text.
void TakeText(simdjson::ondemand::value value, std::string& text) {
  simdjson::ondemand::json_type type;
  if (value.type().get(type)) return;
  if (type == simdjson::ondemand::json_type::string) {
    std::string_view decoded;
    if (!value.get_string().get(decoded)) text.assign(decoded);
  } else if (type == simdjson::ondemand::json_type::number) {
    const std::string_view token = value.raw_json_token();
    text = std::string(absl::StripAsciiWhitespace(absl::string_view(token.data(), token.size())));
  }
}

// Between two quotes. As it stands when it cannot be decoded.
std::string Decoded(absl::string_view quoted) {
  if (!absl::StrContains(quoted, '\\')) return std::string(quoted);
  simdjson::ondemand::parser parser;
  const simdjson::padded_string json(absl::StrCat("\"", quoted, "\""));
  simdjson::ondemand::document document;
  std::string_view text;
  if (parser.iterate(json).get(document) || document.get_string().get(text)) return std::string(quoted);
  return std::string(text);
}

bool IsOfAWord(char c) { return absl::ascii_isalnum(c) || absl::StrContains("-+._@", c); }

}  // namespace

PersonFields ReadPersonFields(absl::string_view raw) {
  PersonFields fields;
  simdjson::ondemand::parser parser;
  const simdjson::padded_string json(raw.data(), raw.size());
  simdjson::ondemand::document document;
  simdjson::ondemand::object object;
  if (parser.iterate(json).get(document) || document.get_object().get(object)) return fields;
  for (auto field : object) {
    std::string_view key;
    simdjson::ondemand::value value;
    if (field.unescaped_key().get(key)) return fields;
    std::string* const text = key == "user_id"           ? &fields.user
                              : key == "conversation_id" ? &fields.conversation
                              : key == "email_addr"      ? &fields.address
                                                         : nullptr;
    if (field.value().get(value)) return fields;
    if (text == nullptr) continue;
    text->clear();
    TakeText(value, *text);
  }
  return fields;
}

void ForEachWord(absl::string_view raw, const std::function<bool(absl::string_view)>& visit) {
  size_t at = 0;
  while (at < raw.size()) {
    size_t end = at;
    if (raw[at] == '"') {
      for (end = at + 1; end < raw.size() && raw[end] != '"';) end += raw[end] == '\\' ? 2 : 1;
      end = std::min(end, raw.size());
      if (!visit(Decoded(raw.substr(at + 1, end - at - 1)))) return;
      at = end + 1;
      continue;
    }
    while (end < raw.size() && IsOfAWord(raw[end])) ++end;
    if (end > at && !visit(raw.substr(at, end - at))) return;
    at = std::max(end, at + 1);
  }
}

}  // namespace penstock::coordinator
