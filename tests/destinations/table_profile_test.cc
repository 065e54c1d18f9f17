// SPDX-License-Identifier: Apache-2.0
#include "destinations/table_profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

namespace penstock::destinations {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

std::vector<std::string> Names(Endpoint endpoint) {
  std::vector<std::string> names;
  for (const Column& column : GuideTable(endpoint).columns) names.push_back(column.name);
  return names;
}

// Dashboards built after the guide name these columns, so they are a contract.
TEST(GuideTable, HasTheColumnsOfTheGuidesStatementsWithTheKeyFirst) {
  EXPECT_THAT(
      Names(Endpoint::kConversations),
      ElementsAre("CONVERSATION_ID", "TS_LAST_UPDATED", "USER_RECORD_ID", "TS_CREATED", "CONVERSATION_ORIGIN",
                  "PRIMARY_DOMAIN", "CONVERSATION_TYPE", "DATA_CONVERSATION_DETAILS"));
  EXPECT_THAT(Names(Endpoint::kInteractions),
              ElementsAre("INTERACTION_ID", "TS_LAST_UPDATED", "CONVERSATION_ID", "USER_RECORD_ID",
                          "TS_INTERACTION", "INTERACTION_PLATFORM", "INTERACTION_TYPE", "INTERACTION_LABEL",
                          "PARENT_INTERACTION_ID", "DATA_INTERACTION_DETAILS", "ACTOR"));
  EXPECT_THAT(Names(Endpoint::kPluginCalls),
              ElementsAre("PLUGIN_CALL_ID", "TS_LAST_UPDATED", "CONVERSATION_ID", "USER_RECORD_ID",
                          "INTERACTION_ID", "TS_CREATED", "TS_PLUGIN_UPDATED", "PLUGIN_NAME", "PLUGIN_STATUS",
                          "IS_PLUGIN_SERVED", "IS_PLUGIN_USED"));
  EXPECT_THAT(Names(Endpoint::kPluginResources),
              ElementsAre("PLUGIN_RESOURCE_ID", "CONVERSATION_ID", "INTERACTION_ID", "PLUGIN_CALL_ID",
                          "USER_RECORD_ID", "RESOURCE_TYPE", "RESOURCE_ID", "DATA_RESOURCE_DETAILS",
                          "IS_CITED", "TS_LAST_UPDATED", "TS_CREATED"));
  EXPECT_THAT(Names(Endpoint::kUsers),
              ElementsAre("USER_RECORD_ID", "FIRST_NAME", "LAST_NAME", "EMAIL_ADDR",
                          "USER_PREFERRED_LANGUAGE", "HAS_ACCESS_TO_BOT", "DATA_EXTERNAL_SYSTEM_ID_DETAILS",
                          "TS_LAST_UPDATED_AT", "TS_FIRST_INTERACTION_AT", "TS_LAST_INTERACTION_AT"));
}

TEST(GuideTable, HasTheGuidesNames) {
  std::set<std::string> names;
  for (Endpoint endpoint : kAllEndpoints) names.insert(GuideTable(endpoint).name);
  EXPECT_THAT(names, UnorderedElementsAre("DATA_API_COPILOT_CONVERSATIONS", "DATA_API_INTERACTIONS",
                                          "DATA_API_PLUGIN_CALLS", "DATA_API_PLUGIN_RESOURCES_V2",
                                          "DATA_API_COPILOT_USERS"));
}

// Reports built after the vendor's script name these.
TEST(VendorTable, HasTheNamesOfTheVendorsScript) {
  const auto names = [](Endpoint endpoint) {
    std::vector<std::string> all = {VendorTable(endpoint).name};
    for (const Column& column : VendorTable(endpoint).columns) all.push_back(column.name);
    return all;
  };
  EXPECT_THAT(names(Endpoint::kConversations),
              UnorderedElementsAre("MOVEWORKS_CONVERSATIONS", "ID", "LAST_UPDATED_AT", "USER_ID",
                                   "CREATED_AT", "ROUTE", "PRIMARY_DOMAIN", "TYPE", "DETAILS"));
  EXPECT_THAT(names(Endpoint::kInteractions),
              UnorderedElementsAre("MOVEWORKS_INTERACTIONS", "ID", "LAST_UPDATED_AT", "CONVERSATION_ID",
                                   "USER_ID", "CREATED_AT", "PLATFORM", "TYPE", "LABEL",
                                   "PARENT_INTERACTION_ID", "DETAILS", "ACTOR"));
  EXPECT_THAT(names(Endpoint::kPluginCalls),
              UnorderedElementsAre("MOVEWORKS_PLUGIN_CALLS", "ID", "LAST_UPDATED_AT", "CONVERSATION_ID",
                                   "USER_ID", "INTERACTION_ID", "CREATED_AT", "PLUGIN_UPDATE_TIME",
                                   "PLUGIN_NAME", "PLUGIN_STATUS", "SERVED", "USED"));
  EXPECT_THAT(names(Endpoint::kPluginResources),
              UnorderedElementsAre("MOVEWORKS_PLUGIN_RESOURCES", "ID", "CONVERSATION_ID", "INTERACTION_ID",
                                   "PLUGIN_CALL_ID", "USER_ID", "TYPE", "RESOURCE_ID", "DETAILS", "CITED",
                                   "LAST_UPDATED_AT", "CREATED_AT"));
  EXPECT_THAT(names(Endpoint::kUsers),
              UnorderedElementsAre("MOVEWORKS_USERS", "ID", "FIRST_NAME", "LAST_NAME", "EMAIL_ADDR",
                                   "USER_PREFERRED_LANGUAGE", "HAS_ACCESS_TO_BOT", "EXTERNAL_IDS",
                                   "LAST_UPDATED_AT", "FIRST_INTERACTION_AT", "LAST_INTERACTION_AT"));
}

TEST(VendorTable, HasTheGuidesColumnsInTheirOrder) {
  for (Endpoint endpoint : kAllEndpoints) {
    const Table& guide = TableOf(TableNames::kGuide, endpoint);
    const Table& vendor = TableOf(TableNames::kVendor, endpoint);
    EXPECT_EQ(&guide, &GuideTable(endpoint));
    ASSERT_EQ(vendor.columns.size(), guide.columns.size());
    EXPECT_EQ(StampColumn(vendor), StampColumn(guide));
    for (size_t i = 0; i < guide.columns.size(); ++i) {
      EXPECT_EQ(vendor.columns[i].fields, guide.columns[i].fields);
      EXPECT_EQ(vendor.columns[i].type, guide.columns[i].type);
      EXPECT_EQ(vendor.columns[i].comment, guide.columns[i].comment);
    }
  }
}

TEST(GuideTable, EveryColumnHasAFieldOfItsOwnAndAComment) {
  for (Endpoint endpoint : kAllEndpoints) {
    const Table& table = GuideTable(endpoint);
    EXPECT_EQ(table.endpoint, endpoint);
    EXPECT_THAT(table.columns.front().fields, ElementsAre("id"));
    EXPECT_EQ(table.columns.front().type, ColumnType::kText);
    EXPECT_EQ(table.columns[StampColumn(table)].type, ColumnType::kTimestamp);
    std::set<std::string> fields, names;
    for (const Column& column : table.columns) {
      EXPECT_FALSE(column.comment.empty()) << column.name;
      EXPECT_TRUE(names.insert(column.name).second) << column.name;
      EXPECT_FALSE(column.fields.empty()) << column.name;
      for (const std::string& field : column.fields) EXPECT_TRUE(fields.insert(field).second) << field;
    }
  }
}

}  // namespace penstock::destinations
