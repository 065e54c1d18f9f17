// SPDX-License-Identifier: Apache-2.0
#include "worker/normaliser.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/instant.h"
#include "proto/convert.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::worker {

using destinations::GuideTable;
using destinations::JsonText;
using destinations::Table;
using destinations::Value;
using ::testing::_;

v1::Change Record(const std::string& raw, const std::string& id = "x") {
  v1::Change change;
  change.set_number(7);
  change.mutable_row()->set_id(id);
  change.mutable_row()->set_raw(raw);
  return change;
}

// One normalised record, its cells by the name of their column.
class Result {
 public:
  Result(Endpoint endpoint, const std::string& raw) : table_(GuideTable(endpoint)) {
    absl::StatusOr<Normalised> result = Normalise(Record(raw), table_);
    EXPECT_OK(result) << raw;
    if (result.ok()) normalised_ = *std::move(result);
  }

  const Value& operator[](absl::string_view column) const {
    for (size_t i = 0; i < normalised_.row.values.size(); ++i) {
      if (table_.columns[i].name == column) return normalised_.row.values[i];
    }
    ADD_FAILURE() << "no column " << column;
    return normalised_.row.values[0];
  }
  // Text, JSON and timestamps as text, booleans as a word.
  std::string Text(absl::string_view column) const {
    const Value& value = (*this)[column];
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    if (const auto* json = std::get_if<JsonText>(&value)) return "json " + json->text;
    if (const auto* time = std::get_if<absl::Time>(&value)) return FormatExactStamp(*time);
    if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "yes" : "no";
    return "null";
  }
  const std::string& extra() const { return normalised_.row.extra; }
  uint32_t irregular() const { return normalised_.irregular; }

 private:
  const Table& table_;
  Normalised normalised_;
};

Result Call(const std::string& raw) { return Result(Endpoint::kPluginCalls, raw); }
Result Resource(const std::string& raw) { return Result(Endpoint::kPluginResources, raw); }

TEST(Normaliser, FieldsGoToTheGuidesColumns) {
  const Result user(
      Endpoint::kUsers,
      R"({"access_to_bot":true,"email_addr":"a@b.c","external_ids":[{"source":"SLACK"}],"first_interaction_time":)"
      R"("2026-03-01T00:00:00.000Z","first_name":"Ada","id":"x","last_name":null,"last_updated_time":)"
      R"("2026-03-02T00:00:00.5Z","latest_interaction_time":"2026-03-02T01:00:00+01:00",)"
      R"("user_preferred_language":"EN_US"})");
  EXPECT_EQ(user.Text("USER_RECORD_ID"), "x");
  EXPECT_EQ(user.Text("HAS_ACCESS_TO_BOT"), "yes");
  EXPECT_EQ(user.Text("DATA_EXTERNAL_SYSTEM_ID_DETAILS"), R"(json [{"source":"SLACK"}])");
  EXPECT_EQ(user.Text("TS_FIRST_INTERACTION_AT"), "2026-03-01T00:00:00.000Z");
  EXPECT_EQ(user.Text("TS_LAST_INTERACTION_AT"), "2026-03-02T00:00:00.000Z");
  EXPECT_EQ(user.Text("TS_LAST_UPDATED_AT"), "2026-03-02T00:00:00.500Z");
  EXPECT_EQ(user.Text("LAST_NAME"), "null");
  EXPECT_EQ(user.extra(), "");
  EXPECT_EQ(user.irregular(), 0u);
}

TEST(Normaliser, ConversationsKeepTheirTypeAndDetail) {
  const Result row(Endpoint::kConversations,
                   R"({"id":"x","type":"CONVERSATION_TYPE_CSAT_NOTIFICATION","detail":{}})");
  EXPECT_EQ(row.Text("CONVERSATION_TYPE"), "CONVERSATION_TYPE_CSAT_NOTIFICATION");
  EXPECT_EQ(row.Text("DATA_CONVERSATION_DETAILS"), "json {}");
  EXPECT_EQ(row.extra(), "");
}

TEST(Normaliser, TheKeyStampAndNumberAreTheStores) {
  v1::Change change = Record(R"({"id":"\u0061","last_updated_time":"2026-03-02T00:00:00Z"})", "a");
  const absl::Time stamp = *ParseStamp("2026-03-02T00:00:00Z");
  *change.mutable_row()->mutable_last_updated_time() = ToProto(stamp);
  ASSERT_OK_AND_ASSIGN(const Normalised result, Normalise(change, GuideTable(Endpoint::kConversations)));
  EXPECT_EQ(std::get<std::string>(result.row.values[0]), "a");
  EXPECT_EQ(result.row.stamp, stamp);
  EXPECT_EQ(result.row.change, 7u);
  EXPECT_EQ(result.row.endpoint, Endpoint::kConversations);

  change.mutable_row()->clear_last_updated_time();
  ASSERT_OK_AND_ASSIGN(const Normalised without, Normalise(change, GuideTable(Endpoint::kConversations)));
  EXPECT_EQ(without.row.stamp, absl::InfinitePast());
}

TEST(Normaliser, NumbersBeyondEveryIntegerTypeKeepTheirToken) {
  const Result row =
      Call(R"({"user_id": 18446744073709551616 ,"interaction_id":1e400,"conversation_id":-0.10})");
  EXPECT_EQ(row.Text("USER_RECORD_ID"), "18446744073709551616");
  EXPECT_EQ(row.Text("INTERACTION_ID"), "1e400");
  EXPECT_EQ(row.Text("CONVERSATION_ID"), "-0.10");
  EXPECT_EQ(row.irregular(), 0u);
}

TEST(Normaliser, StringsAreDecodedOnce) {
  const Result row = Call(R"({"plugin_name":"a\"\\n\u00e9\ud83d\ude00\u0000","user_id":""})");
  EXPECT_EQ(row.Text("PLUGIN_NAME"), std::string("a\"\\n\xC3\xA9\xF0\x9F\x98\x80\0", 11));
  EXPECT_EQ(row.Text("USER_RECORD_ID"), "") << "empty text is not null";
  EXPECT_EQ(row.irregular(), 0u);
}

TEST(Normaliser, ALoneSurrogateIsReplacedAndCounted) {
  const Result row = Call(R"({"plugin_name":"a\ud800b"})");
  EXPECT_EQ(row.Text("PLUGIN_NAME"),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(row.irregular(), 1u);
}

TEST(Normaliser, BooleansHaveThreeSpellings) {
  for (const char* yes : {"true", "\"true\"", "1"}) {
    EXPECT_EQ(Call(absl::StrCat(R"({"served":)", yes, "}")).Text("IS_PLUGIN_SERVED"), "yes") << yes;
  }
  for (const char* no : {"false", "\"false\"", "0"}) {
    EXPECT_EQ(Call(absl::StrCat(R"({"served":)", no, "}")).Text("IS_PLUGIN_SERVED"), "no") << no;
  }
  for (const char* neither : {"2", "1.0", "\"yes\"", "\"\"", "{}", "[true]"}) {
    const Result row = Call(absl::StrCat(R"({"served":)", neither, "}"));
    EXPECT_EQ(row.Text("IS_PLUGIN_SERVED"), "null") << neither;
    EXPECT_EQ(row.irregular(), 1u) << neither;
  }
}

TEST(Normaliser, WhatDoesNotFitItsColumnIsNullAndCounted) {
  const Result row =
      Call(R"({"user_id":true,"conversation_id":{"a":1},"interaction_id":[1],"created_time":"yesterday",)"
           R"("plugin_update_time":1772000000,"last_updated_time":"2026-02-30T00:00:00Z"})");
  for (const char* column : {"USER_RECORD_ID", "CONVERSATION_ID", "INTERACTION_ID", "TS_CREATED",
                             "TS_PLUGIN_UPDATED", "TS_LAST_UPDATED"}) {
    EXPECT_EQ(row.Text(column), "null") << column;
  }
  EXPECT_EQ(row.irregular(), 6u);
  EXPECT_EQ(row.extra(), "") << "they stay whole in the store's raw bytes";
}

TEST(Normaliser, AMissingFieldEqualsNull) {
  const Result missing = Call("{}");
  const Result null = Call(R"({"served":null,"plugin_name":null,"created_time":null})");
  for (const char* column : {"IS_PLUGIN_SERVED", "PLUGIN_NAME", "TS_CREATED", "PLUGIN_STATUS"}) {
    EXPECT_EQ(missing.Text(column), "null") << column;
    EXPECT_EQ(null.Text(column), "null") << column;
  }
  EXPECT_EQ(missing.irregular() + null.irregular(), 0u);
  EXPECT_EQ(missing.extra() + null.extra(), "");
}

TEST(Normaliser, ThePluginsNameFallsBackToName) {
  EXPECT_EQ(Call(R"({"name":"B"})").Text("PLUGIN_NAME"), "B");
  EXPECT_EQ(Call(R"({"name":"B","plugin_name":null})").Text("PLUGIN_NAME"), "B");
  EXPECT_EQ(Call(R"({"name":null,"plugin_name":"A"})").extra(), "");
  const Result both = Call(R"({"name":"B","plugin_name":"A"})");
  EXPECT_EQ(both.Text("PLUGIN_NAME"), "A");
  EXPECT_EQ(both.extra(), R"({"name":"B"})") << "what filled no column is kept";
}

TEST(Normaliser, JsonColumnsKeepTheirOwnText) {
  const Result row = Resource(
      R"({"detail": { "n": 1e400, "m":12345678901234567890123, "s":"\ud800", "n":2 } ,"cited":true})");
  EXPECT_EQ(row.Text("DATA_RESOURCE_DETAILS"),
            R"(json { "n": 1e400, "m":12345678901234567890123, "s":"\ud800", "n":2 })");
  EXPECT_EQ(row.Text("IS_CITED"), "yes");
  EXPECT_EQ(row.irregular(), 0u);
  EXPECT_EQ(Resource(R"({"detail": "text" })").Text("DATA_RESOURCE_DETAILS"), R"(json "text")");
}

TEST(Normaliser, AJsonColumnNeverHoldsWhatIsNotJson) {
  for (const char* bad : {"[1,]", "{\"a\":01}", "nul", "{\"a\" 1}", "[1 2]", "-", "\"\\x\""}) {
    const Result row = Resource(absl::StrCat(R"({"cited":true,"detail":)", bad, R"(,"resource_id":"r"})"));
    EXPECT_EQ(row.Text("DATA_RESOURCE_DETAILS"), "null") << bad;
    EXPECT_GE(row.irregular(), 1u) << bad;
    EXPECT_EQ(row.Text("IS_CITED"), "yes") << bad << ": what stands before it is read";
  }
}

TEST(Normaliser, TooDeepForADatabaseIsNullAndCounted) {
  const Result row =
      Resource(R"({"detail":)" + std::string(2000, '[') + std::string(2000, ']') + R"(,"cited":true})");
  EXPECT_EQ(row.Text("DATA_RESOURCE_DETAILS"), "null");
  EXPECT_EQ(row.Text("IS_CITED"), "yes");
  EXPECT_EQ(row.irregular(), 1u);
}

TEST(Normaliser, OfDuplicateKeysTheLastWins) {
  const Result row = Call(R"({"user_id":"1","x":1,"user\u005fid":"2","y":2,"x":[3]})");
  EXPECT_EQ(row.Text("USER_RECORD_ID"), "2");
  EXPECT_EQ(row.extra(), R"({"y":2,"x":[3]})");
  EXPECT_EQ(Call(R"({"user_id":"1","user_id":null})").Text("USER_RECORD_ID"), "null");
}

TEST(Normaliser, UnknownFieldsStandInExtraInTheirOrderAndSpelling) {
  const Result row =
      Call(R"({"zeta": 1e400 ,"id":"x","org":{"b": [1, 2]},"nothing":null,"k\"\ud83d\ude00":"\u0041"})");
  EXPECT_EQ(
      row.extra(),
      "{\"zeta\":1e400,\"org\":{\"b\": [1, 2]},\"nothing\":null,\"k\\\"\xF0\x9F\x98\x80\":\"\\u0041\"}");
  EXPECT_EQ(row.irregular(), 0u);
}

TEST(Normaliser, AnUnknownFieldThatIsNotJsonIsLeftOutAndCounted) {
  const Result row = Call(R"({"a":1,"b":01,"c":[nul],"d":2})");
  EXPECT_EQ(row.extra(), R"({"a":1,"d":2})");
  EXPECT_EQ(row.irregular(), 2u);
}

TEST(Normaliser, ManyUnknownFieldsAreReadInReasonableTime) {
  std::string raw = "{";
  for (int i = 0; i < 100'000; ++i) absl::StrAppend(&raw, "\"field", i, "\":", i, ",");
  const Result row = Call(raw + R"("user_id":"1"})");
  EXPECT_EQ(row.Text("USER_RECORD_ID"), "1");
  EXPECT_GT(row.extra().size(), 1'000'000u);
}

TEST(Normaliser, ALargeRecordDoesNotDisturbTheNext) {
  const std::string snippet(3 << 20, 's');
  EXPECT_EQ(Call(absl::StrCat(R"({"plugin_name":")", snippet, R"("})")).Text("PLUGIN_NAME").size(),
            snippet.size());
  EXPECT_EQ(Call(R"({"plugin_name":"small"})").Text("PLUGIN_NAME"), "small");
}

TEST(Normaliser, WhatIsNotAnObjectIsRefused) {
  for (const char* raw :
       {"", " ", "[]", "\"x\"", "1", "null", "{\"a\":1", "{\"a\":\"", "{\"a\":\"\xFF\"}", "}"}) {
    EXPECT_THAT(Normalise(Record(raw), GuideTable(Endpoint::kUsers)),
                StatusIs(absl::StatusCode::kInvalidArgument, _))
        << raw;
  }
}

}  // namespace penstock::worker
