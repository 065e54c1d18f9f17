// SPDX-License-Identifier: Apache-2.0
#include "destinations/table_profile.h"

#include <algorithm>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace penstock::destinations {
namespace {

constexpr char kStampField[] = "last_updated_time";

Column Text(std::string name, std::string field, std::string comment) {
  return {std::move(name), ColumnType::kText, {std::move(field)}, std::move(comment)};
}

Column Timestamp(std::string name, std::string field, std::string comment) {
  return {std::move(name), ColumnType::kTimestamp, {std::move(field)}, std::move(comment)};
}

Column Boolean(std::string name, std::string field, std::string comment) {
  return {std::move(name), ColumnType::kBoolean, {std::move(field)}, std::move(comment)};
}

Column Json(std::string name, std::string field, std::string comment) {
  return {std::move(name), ColumnType::kJson, {std::move(field)}, std::move(comment)};
}

Table Conversations() {
  return {Endpoint::kConversations,
          "DATA_API_COPILOT_CONVERSATIONS",
          {
              Text("CONVERSATION_ID", "id", "Id identifying the unique conversation"),
              Timestamp("TS_LAST_UPDATED", kStampField, "Last updated timestamp of the record"),
              Text("USER_RECORD_ID", "user_id", "Unique id of the user"),
              Timestamp("TS_CREATED", "created_time",
                        "The timestamp of the first interaction in the conversation"),
              Text("CONVERSATION_ORIGIN", "route",
                   "Route/origin of the conversation - DM, Ticket, Channel, Notification"),
              Text("PRIMARY_DOMAIN", "primary_domain", "The main detected domain in the conversation"),
              // Newer than the guide's DDL; its CSAT and notification metrics need both.
              Text("CONVERSATION_TYPE", "type", "Type of a conversation that a system event began"),
              Json("DATA_CONVERSATION_DETAILS", "detail",
                   "Details of the system event (Json col) - their keys depend on CONVERSATION_TYPE"),
          }};
}

Table Interactions() {
  return {Endpoint::kInteractions,
          "DATA_API_INTERACTIONS",
          {
              Text("INTERACTION_ID", "id", "Id identifying the unique interaction"),
              Timestamp("TS_LAST_UPDATED", kStampField, "Last updated timestamp of the record"),
              Text("CONVERSATION_ID", "conversation_id", "Id identifying the unique conversation"),
              Text("USER_RECORD_ID", "user_id", "Unique id of the user"),
              Timestamp("TS_INTERACTION", "created_time", "Timestamp of the interaction"),
              Text("INTERACTION_PLATFORM", "platform", "Platform of the interaction - Slack/msteams etc."),
              Text("INTERACTION_TYPE", "type",
                   "Type of the interaction - INTERACTION_TYPE_UTTERANCE, INTERACTION_TYPE_BOT_MESSAGE etc."),
              Text("INTERACTION_LABEL", "label", "LABEL for the interaction type UI form submission"),
              Text("PARENT_INTERACTION_ID", "parent_interaction_id",
                   "Parent interaction id for UI Action link click and button click interactions"),
              Json("DATA_INTERACTION_DETAILS", "detail",
                   "Details of the interaction (Json col)- content, type, domain, detail, entity etc."),
              Text("ACTOR", "actor", "Actor - User/Bot"),
          }};
}

Table PluginCalls() {
  return {
      Endpoint::kPluginCalls,
      "DATA_API_PLUGIN_CALLS",
      {
          Text("PLUGIN_CALL_ID", "id", "Unique Id identifying the plugin call"),
          Timestamp("TS_LAST_UPDATED", kStampField, "Last updated timestamp of the record"),
          Text("CONVERSATION_ID", "conversation_id",
               "Id identifying the unique conversation related to the plugin call"),
          Text("USER_RECORD_ID", "user_id", "Unique id of the user"),
          Text("INTERACTION_ID", "interaction_id",
               "Id identifying the unique interaction related to the plugin call"),
          Timestamp("TS_CREATED", "created_time", "Timestamp of the plugin call"),
          Timestamp("TS_PLUGIN_UPDATED", "plugin_update_time", "Timestamp of the latest plugin call update"),
          {"PLUGIN_NAME",
           ColumnType::kText,
           {"plugin_name", "name"},
           "Name of the executed Plugin - Product display name for the Native plugin and Config name for "
           "the Custom plugin"},
          // No known response has the field; the guide's DDL has the column.
          Text("PLUGIN_STATUS", "plugin_status",
               "Semantic Plugin status for each of the executed Plugin call"),
          Boolean("IS_PLUGIN_SERVED", "served",
                  "Whether or not plugin is served to the user - Plugin served or plugin waiting for "
                  "user input"),
          Boolean("IS_PLUGIN_USED", "used", "Whether or not plugin is successfully executed"),
      }};
}

Table PluginResources() {
  return {Endpoint::kPluginResources,
          "DATA_API_PLUGIN_RESOURCES_V2",
          {
              Text("PLUGIN_RESOURCE_ID", "id",
                   "Plugin resource item id as the hash of system_action_id, resource_id and resource_type"),
              Text("CONVERSATION_ID", "conversation_id",
                   "conversation_id identifying unique conversation (series_id)"),
              Text("INTERACTION_ID", "interaction_id",
                   "interaction_id identifying interaction corresponding to the system action"),
              Text("PLUGIN_CALL_ID", "plugin_call_id", "Id for the plugin call"),
              Text("USER_RECORD_ID", "user_id", "Id for the user record"),
              Text("RESOURCE_TYPE", "type", "Type of Resource - FILE, FORM, KNOWLEDGE, Ticket etc."),
              Text("RESOURCE_ID", "resource_id", "Resource ID - doc_id, ticket_id, etc."),
              Json("DATA_RESOURCE_DETAILS", "detail",
                   "Details of resources searched in the plugin - e.g., json of {name, url, domain, title, "
                   "snippet}"),
              Boolean("IS_CITED", "cited", "If the resource is cited in the AI Assistant response"),
              Timestamp("TS_LAST_UPDATED", kStampField, "Last updated timestamp of the record"),
              Timestamp("TS_CREATED", "created_time", "timestamp of plugin call"),
          }};
}

Table Users() {
  return {
      Endpoint::kUsers,
      "DATA_API_COPILOT_USERS",
      {
          Text("USER_RECORD_ID", "id", "Unique id of the user"),
          Text("FIRST_NAME", "first_name", "First name of the user"),
          Text("LAST_NAME", "last_name", "Last name of the user"),
          Text("EMAIL_ADDR", "email_addr", "Email address of the user"),
          Text("USER_PREFERRED_LANGUAGE", "user_preferred_language",
               "User preferred language configured in AI Assistant"),
          Boolean("HAS_ACCESS_TO_BOT", "access_to_bot", "Whether or not the user has access to AI Assistant"),
          Json("DATA_EXTERNAL_SYSTEM_ID_DETAILS", "external_ids",
               "All external system identities from which user data is ingested"),
          Timestamp("TS_LAST_UPDATED_AT", kStampField,
                    "Timestamp at which user was last updated in Moveworks"),
          Timestamp("TS_FIRST_INTERACTION_AT", "first_interaction_time",
                    "Timestamp at which the users first interaction was recorded"),
          Timestamp("TS_LAST_INTERACTION_AT", "latest_interaction_time",
                    "Timestamp at which the users latest interaction was recorded"),
      }};
}

// The script's names are the fields' in capitals, but for these.
std::string VendorName(const std::string& field) {
  static const auto* const others =
      new std::map<std::string, std::string>{{kStampField, "LAST_UPDATED_AT"},
                                             {"created_time", "CREATED_AT"},
                                             {"detail", "DETAILS"},
                                             {"access_to_bot", "HAS_ACCESS_TO_BOT"},
                                             {"first_interaction_time", "FIRST_INTERACTION_AT"},
                                             {"latest_interaction_time", "LAST_INTERACTION_AT"}};
  const auto other = others->find(field);
  return other == others->end() ? absl::AsciiStrToUpper(field) : other->second;
}

Table Renamed(Table table) {
  std::string name(Name(table.endpoint));
  std::replace(name.begin(), name.end(), '-', '_');
  table.name = absl::StrCat("MOVEWORKS_", absl::AsciiStrToUpper(name));
  for (Column& column : table.columns) column.name = VendorName(column.fields.front());
  return table;
}

}  // namespace

const Table& GuideTable(Endpoint endpoint) {
  static const Table* const tables[] = {new Table(Conversations()), new Table(Interactions()),
                                        new Table(PluginCalls()), new Table(PluginResources()),
                                        new Table(Users())};
  for (const Table* table : tables) {
    if (table->endpoint == endpoint) return *table;
  }
  CHECK(false);
}

const Table& VendorTable(Endpoint endpoint) {
  static const auto* const tables = [] {
    auto* const made = new std::map<Endpoint, Table>;
    for (Endpoint each : kAllEndpoints) made->emplace(each, Renamed(GuideTable(each)));
    return made;
  }();
  return tables->at(endpoint);
}

const Table& TableOf(TableNames names, Endpoint endpoint) {
  return names == TableNames::kVendor ? VendorTable(endpoint) : GuideTable(endpoint);
}

size_t StampColumn(const Table& table) {
  for (size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].fields.front() == kStampField) return i;
  }
  CHECK(false);
}

}  // namespace penstock::destinations
