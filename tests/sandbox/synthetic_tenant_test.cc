// SPDX-License-Identifier: Apache-2.0
#include "sandbox/synthetic_tenant.h"

#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/instant.h"
#include "sandbox/synthetic_bits.h"
#include "tests/fakes/status_matchers.h"
#include "tests/sandbox/page_reader.h"

namespace penstock::sandbox {
namespace {

using ::testing::HasSubstr;

const absl::Time kNow = absl::FromUnixSeconds(1774958400);  // 2026-03-31 12:00 UTC

std::vector<std::string> AllRecords(const SyntheticOptions& options, Endpoint endpoint,
                                    absl::Time now = kNow) {
  const auto table = NewSyntheticTable(std::make_shared<SyntheticTenant>(options, now), endpoint);
  std::vector<std::string> records(table->size());
  for (uint32_t row = 0; row < table->size(); ++row) table->Append(row, &records[row]);
  return records;
}

// The value of a string property; "" for null or absent.
std::string Field(const std::string& record, const std::string& name) {
  simdjson::dom::parser parser;
  simdjson::dom::element element;
  EXPECT_EQ(parser.parse(record).get(element), simdjson::SUCCESS) << record;
  std::string_view text;
  if (element[name].get(text)) return "";
  return std::string(text);
}

TEST(SyntheticTenant, HasTheMixOfThePublishedSamples) {
  const SyntheticOptions options{.days = 10, .ahead = 0, .conversations = 400};
  const double conversations = AllRecords(options, Endpoint::kConversations).size();
  EXPECT_EQ(conversations, 4000);
  EXPECT_NEAR(AllRecords(options, Endpoint::kInteractions).size() / conversations, 4.0, 0.3);
  EXPECT_NEAR(AllRecords(options, Endpoint::kPluginCalls).size() / conversations, 2.7, 0.3);
  EXPECT_NEAR(AllRecords(options, Endpoint::kPluginResources).size() / conversations, 21, 2);
}

TEST(SyntheticTenant, HasTheSizesOfThePublishedSamples) {
  const SyntheticOptions options{.days = 2, .users = 500, .conversations = 300};
  const std::map<Endpoint, int> bytes = {{Endpoint::kConversations, 180},
                                         {Endpoint::kInteractions, 600},
                                         {Endpoint::kPluginCalls, 320},
                                         {Endpoint::kPluginResources, 750},
                                         {Endpoint::kUsers, 1160}};
  for (const auto& [endpoint, expected] : bytes) {
    const auto records = AllRecords(options, endpoint);
    size_t sum = 0;
    for (const std::string& record : records) sum += record.size();
    EXPECT_NEAR(sum / static_cast<double>(records.size()), expected, expected * 0.12) << Name(endpoint);
  }
}

TEST(SyntheticTenant, RecordsAreJsonWithAlphabeticalKeysThatTheVendorPublishes) {
  for (Endpoint endpoint : kAllEndpoints) {
    std::set<std::string> published;
    for (const Property& property : PublishedProperties(endpoint)) published.insert(property.name);
    for (const std::string& record : AllRecords({.days = 1, .conversations = 60}, endpoint)) {
      simdjson::dom::parser parser;
      simdjson::dom::object object;
      ASSERT_EQ(parser.parse(record).get(object), simdjson::SUCCESS) << record;
      std::string last;
      for (auto field : object) {
        EXPECT_LT(last, field.key) << record;
        last = std::string(field.key);
        EXPECT_TRUE(published.count(last)) << record;
      }
      EXPECT_NE(Field(record, "last_updated_time"), "");
      EXPECT_EQ(Field(record, "created_time") != "", HasCreatedTime(endpoint));
    }
  }
}

TEST(SyntheticTenant, IdsAreUniqueAndReferencesLeadSomewhere) {
  const SyntheticOptions options{.days = 3, .users = 50, .conversations = 100};
  std::map<std::string, std::set<std::string>> ids;
  for (Endpoint endpoint : kAllEndpoints) {
    const auto records = AllRecords(options, endpoint);
    std::set<std::string>& own = ids[std::string(Name(endpoint))];
    for (const std::string& record : records) own.insert(Field(record, "id"));
    EXPECT_EQ(own.size(), records.size()) << Name(endpoint);
  }
  for (const std::string& record : AllRecords(options, Endpoint::kPluginResources)) {
    EXPECT_TRUE(ids["conversations"].count(Field(record, "conversation_id")));
    EXPECT_TRUE(ids["interactions"].count(Field(record, "interaction_id")));
    EXPECT_TRUE(ids["users"].count(Field(record, "user_id")));
    const std::string call = Field(record, "plugin_call_id");
    EXPECT_TRUE(call.empty() || ids["plugin-calls"].count(call)) << record;
  }
  for (const std::string& record : AllRecords(options, Endpoint::kInteractions)) {
    const std::string parent = Field(record, "parent_interaction_id");
    EXPECT_TRUE(parent.empty() || ids["interactions"].count(parent)) << record;
  }
}

TEST(SyntheticTenant, TheAwkwardThingsOfRealDataOccur) {
  const SyntheticOptions options{.days = 2, .users = 300, .conversations = 200};
  std::set<std::string> seen;
  for (Endpoint endpoint : kAllEndpoints) {
    for (const std::string& record : AllRecords(options, endpoint)) {
      for (const char* sign :
           {"\"plugin_call_id\":null", "\"detail\":null", "\"primary_domain\":null", "\\n", "€", "👍",
            "\"external_ids\":null", "\"type\":\"CONVERSATION_TYPE_CSAT_NOTIFICATION\"",
            "\"label\":\"file_ticket\"", "\"resource_id\":\"0\"", "\"snippet\"", "\"ticket_type\""}) {
        if (absl::StrContains(record, sign)) seen.insert(sign);
      }
      if (endpoint == Endpoint::kUsers && Field(record, "id").size() == 20) seen.insert("beyond int64");
    }
  }
  EXPECT_EQ(seen.size(), 13u) << ::testing::PrintToString(seen);
}

TEST(SyntheticTenant, TheSameSeedAndDayGiveTheSameBytes) {
  const SyntheticOptions options{.days = 2, .conversations = 30, .seed = 7};
  for (Endpoint endpoint : kAllEndpoints) {
    EXPECT_EQ(AllRecords(options, endpoint), AllRecords(options, endpoint)) << Name(endpoint);
    EXPECT_NE(AllRecords(options, endpoint),
              AllRecords({.days = 2, .conversations = 30, .seed = 8}, endpoint));
  }
}

TEST(SyntheticTenant, ADaysRecordsDoNotDependOnHowManyDaysThereAre) {
  const auto few = AllRecords({.days = 2, .ahead = 0, .conversations = 30}, Endpoint::kInteractions);
  const auto many = AllRecords({.days = 5, .ahead = 3, .conversations = 30}, Endpoint::kInteractions);
  const std::set<std::string> all(many.begin(), many.end());
  for (const std::string& record : few) EXPECT_TRUE(all.count(record)) << record;
}

TEST(SyntheticTenant, ADayIsPublishedAsOneBatchSixToThirtyHoursAfterItsEnd) {
  std::map<std::string, std::set<std::string>> stamps;  // by endpoint and day
  for (Endpoint endpoint : kAllEndpoints) {
    if (!HasCreatedTime(endpoint)) continue;
    for (const std::string& record : AllRecords({.days = 12, .conversations = 10}, endpoint)) {
      const std::string created = Field(record, "created_time");
      const std::string stamp = Field(record, "last_updated_time");
      stamps[absl::StrCat(Name(endpoint), created.substr(0, 10))].insert(stamp);
      const absl::Time end_of_day = DayStart(DayNumber(*ParseStamp(created)) + 1);
      EXPECT_GE(*ParseStamp(stamp), end_of_day + absl::Hours(6));
      EXPECT_LE(*ParseStamp(stamp), end_of_day + absl::Hours(30));
    }
  }
  std::set<std::string> distinct;
  for (const auto& [day, values] : stamps) {
    EXPECT_EQ(values.size(), 1u) << day;
    distinct.insert(values.begin(), values.end());
  }
  EXPECT_EQ(distinct.size(), stamps.size()) << "every endpoint has a stamp of its own";
}

TEST(SyntheticTenant, FiltersCompareTheTextsThatAreServed) {
  const auto tenant =
      std::make_shared<SyntheticTenant>(SyntheticOptions{.days = 2, .conversations = 50}, kNow);
  for (Endpoint endpoint : kAllEndpoints) {
    const auto table = NewSyntheticTable(tenant, endpoint);
    for (const char* name : {"id", "created_time", "last_updated_time", "user_id"}) {
      const Column* column = table->column(name);
      if (column == nullptr) continue;
      std::string record;
      table->Append(table->size() / 2, &record);
      const std::string middle = Field(record, name);
      for (const std::string& literal :
           {middle, middle.substr(0, 9), middle + "x", std::string(""), std::string("~")}) {
        for (uint32_t row = 0; row < table->size(); row += 7) {
          record.clear();
          table->Append(row, &record);
          const std::string text = Field(record, name);
          EXPECT_EQ(RangeOf(*column, Comparison::kGe, literal).Contains(column->Key(row)), text >= literal)
              << name << " " << text << " ge " << literal;
          EXPECT_EQ(RangeOf(*column, Comparison::kGt, literal).Contains(column->Key(row)), text > literal)
              << name << " " << text << " gt " << literal;
        }
      }
    }
  }
}

TEST(SyntheticOptions, ReadsItsWordsInAnyOrder) {
  ASSERT_OK_AND_ASSIGN(const SyntheticOptions options,
                       ParseSyntheticOptions("seed=9,users=20,days=3,conversations=5,ahead=0"));
  EXPECT_EQ(options.days, 3u);
  EXPECT_EQ(options.users, 20u);
  EXPECT_EQ(options.conversations, 5u);
  EXPECT_EQ(options.seed, 9u);
  EXPECT_EQ(options.ahead, 0u);
  EXPECT_OK(ParseSyntheticOptions(""));
}

TEST(SyntheticOptions, NonsenseIsNamed) {
  for (const char* text : {"days", "days=x", "weeks=3", "days=0", "users=0", "days=-1", "seed=", "ahead=9999",
                           "days=3000,conversations=100000"}) {
    EXPECT_THAT(ParseSyntheticOptions(text),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--synthetic")))
        << text;
  }
}

}  // namespace
}  // namespace penstock::sandbox
