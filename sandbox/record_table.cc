// SPDX-License-Identifier: Apache-2.0
#include "sandbox/record_table.h"

#include <simdjson.h>

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"

namespace penstock::sandbox {
namespace {

std::optional<std::string> TextOf(simdjson::ondemand::value value) {
  switch (value.type()) {
    case simdjson::ondemand::json_type::string:
      return std::string(std::string_view(value.get_string()));
    case simdjson::ondemand::json_type::number:
      return std::string(absl::StripAsciiWhitespace(
          absl::string_view(value.raw_json_token().data(), value.raw_json_token().size())));
    default:
      return std::nullopt;
  }
}

}  // namespace

const std::vector<Property>& PublishedProperties(Endpoint endpoint) {
  static const std::vector<Property> conversations = {
      {"created_time"},   {"detail", false}, {"id"},   {"last_updated_time"},
      {"primary_domain"}, {"route"},         {"type"}, {"user_id"}};
  static const std::vector<Property> interactions = {
      {"actor"},  {"conversation_id"},   {"created_time"},          {"detail", false}, {"id"},
      {"label"},  {"last_updated_time"}, {"parent_interaction_id"}, {"platform"},      {"type"},
      {"user_id"}};
  static const std::vector<Property> plugin_calls = {{"conversation_id"},
                                                     {"created_time"},
                                                     {"id"},
                                                     {"interaction_id"},
                                                     {"last_updated_time"},
                                                     {"plugin_name"},
                                                     {"plugin_update_time"},
                                                     {"served", false},
                                                     {"used", false},
                                                     {"user_id"}};
  static const std::vector<Property> plugin_resources = {
      {"cited", false},   {"conversation_id"},   {"created_time"},   {"detail", false}, {"id"},
      {"interaction_id"}, {"last_updated_time"}, {"plugin_call_id"}, {"resource_id"},   {"type"},
      {"user_id"}};
  static const std::vector<Property> users = {{"access_to_bot", false},
                                              {"email_addr"},
                                              {"external_ids", false},
                                              {"first_interaction_time"},
                                              {"first_name"},
                                              {"id"},
                                              {"last_name"},
                                              {"last_updated_time"},
                                              {"latest_interaction_time"},
                                              {"user_preferred_language"}};
  switch (endpoint) {
    case Endpoint::kConversations:
      return conversations;
    case Endpoint::kInteractions:
      return interactions;
    case Endpoint::kPluginCalls:
      return plugin_calls;
    case Endpoint::kPluginResources:
      return plugin_resources;
    case Endpoint::kUsers:
      break;
  }
  return users;
}

std::unique_ptr<Column> ReadColumn(const RecordTable& table, absl::string_view property) {
  const std::string_view key(property.data(), property.size());
  std::vector<std::optional<std::string>> texts(table.size());
  simdjson::ondemand::parser parser;
  std::string record;
  for (uint32_t row = 0; row < table.size(); ++row) {
    record.clear();
    table.Append(row, &record);
    record.reserve(record.size() + simdjson::SIMDJSON_PADDING);
    simdjson::ondemand::document document;
    simdjson::ondemand::value value;
    if (parser.iterate(record).get(document) || document[key].get(value)) continue;
    texts[row] = TextOf(value);
  }
  return std::make_unique<DictionaryColumn>(texts);
}

}  // namespace penstock::sandbox
