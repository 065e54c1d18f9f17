// SPDX-License-Identifier: Apache-2.0
#include "tests/metrics/plain_records.h"

#include <simdjson.h>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/status_macros.h"

namespace penstock::metrics {
namespace {

using Object = simdjson::dom::element;

Text TextOf(const Object& record, const char* key) {
  std::string_view text;
  if (record[key].get(text) != simdjson::SUCCESS) return std::nullopt;
  return std::string(text);
}

Text MemberOf(const Object& record, const char* key) {
  simdjson::dom::element detail;
  if (record["detail"].get(detail) != simdjson::SUCCESS || !detail.is_object()) return std::nullopt;
  return TextOf(detail, key);
}

Ms TimeOf(const Object& record, const char* key) {
  const Text text = TextOf(record, key);
  absl::Time time;
  std::string error;
  if (!text.has_value() || !absl::ParseTime(absl::RFC3339_full, *text, &time, &error)) return std::nullopt;
  return absl::ToUnixMillis(time);
}

bool FlagOf(const Object& record, const char* key) {
  bool flag = false;
  return record[key].get(flag) == simdjson::SUCCESS && flag;
}

Text NotEmpty(Text text) { return text.has_value() && text->empty() ? std::nullopt : text; }

}  // namespace

PlainRecords ReadPlain(const RawRecords& raw) {
  PlainRecords all;
  simdjson::dom::parser parser;
  for (const auto& [endpoint, records] : raw) {
    for (const std::string& text : records) {
      const Object r = parser.parse(text);
      const std::string id = TextOf(r, "id").value();
      const Text user = NotEmpty(TextOf(r, "user_id"));
      const Text conversation = TextOf(r, "conversation_id");
      const Ms created = TimeOf(r, "created_time");
      const Ms updated = TimeOf(r, "last_updated_time");
      switch (endpoint) {
        case Endpoint::kConversations:
          all.conversations.push_back(
              {id, user, TextOf(r, "route"), TextOf(r, "primary_domain"), TextOf(r, "type"), created});
          break;
        case Endpoint::kInteractions:
          all.interactions.push_back(
              {id, conversation, user, TextOf(r, "actor"), TextOf(r, "platform"), TextOf(r, "type"),
               TextOf(r, "label"), TextOf(r, "parent_interaction_id"), MemberOf(r, "content"),
               MemberOf(r, "entity"), MemberOf(r, "detail"), MemberOf(r, "resource_id"), created, updated});
          break;
        case Endpoint::kPluginCalls:
          all.calls.push_back(
              {id, conversation, TextOf(r, "interaction_id"), user,
               TextOf(r, "plugin_name").has_value() ? TextOf(r, "plugin_name") : TextOf(r, "name"),
               FlagOf(r, "served"), FlagOf(r, "used"), created, TimeOf(r, "plugin_update_time"), updated});
          break;
        case Endpoint::kPluginResources:
          all.resources.push_back(
              {id, TextOf(r, "plugin_call_id"), TextOf(r, "type"), TextOf(r, "resource_id")});
          break;
        case Endpoint::kUsers:
          all.users.push_back({id, TextOf(r, "user_preferred_language"), FlagOf(r, "access_to_bot"),
                               TimeOf(r, "first_interaction_time"), TimeOf(r, "latest_interaction_time")});
          break;
      }
    }
  }
  return all;
}

RawRecords ReadFolder(const std::string& folder) {
  RawRecords raw;
  for (Endpoint endpoint : kAllEndpoints) {
    simdjson::dom::parser parser;
    const simdjson::dom::element document = parser.load(absl::StrCat(folder, "/", Name(endpoint), ".json"));
    for (const simdjson::dom::element record : document["value"].get_array()) {
      raw[endpoint].push_back(simdjson::minify(record));
    }
  }
  return raw;
}

}  // namespace penstock::metrics
