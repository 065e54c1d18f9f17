// SPDX-License-Identifier: Apache-2.0
#include "worker/field_check.h"

#include "absl/strings/str_cat.h"
#include "tests/fakes/status_matchers.h"
#include "worker/limits.h"
#include "worker/page_decoder.h"

namespace penstock::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

// "mood string", "served object IS_PLUGIN_SERVED": the odd fields of a page of plugin calls.
std::vector<std::string> Odd(const std::string& records) {
  const absl::StatusOr<DecodedPage> page = DecodePage(absl::StrCat(R"({"value":[)", records, "]}"));
  EXPECT_OK(page);
  if (!page.ok()) return {};
  std::vector<std::string> words;
  for (const v1::OddField& field :
       OddFields(page->fields, destinations::GuideTable(Endpoint::kPluginCalls))) {
    words.push_back(absl::StrCat(field.name(), " ", v1::JsonType_Name(field.type()),
                                 field.column().empty() ? "" : " ", field.column()));
  }
  return words;
}

TEST(FieldCheck, WhatTheProfileHasIsNotOdd) {
  EXPECT_THAT(
      Odd(R"({"id":"a","created_time":"2026-03-01T00:00:00.000Z","last_updated_time":"x","served":true,
                      "used":null,"user_id":12,"name":"n","plugin_name":"p","interaction_id":null})"),
      IsEmpty());
}

TEST(FieldCheck, AFieldThatNoColumnTakesIsNamedWithItsType) {
  EXPECT_THAT(Odd(R"({"id":"a","mood":"good"},{"id":"b","served":true,"agents":[1]})"),
              UnorderedElementsAre("mood JSON_STRING", "agents JSON_ARRAY"));
}

TEST(FieldCheck, ANewFieldIsNamedEvenWhileItIsNull) {
  EXPECT_THAT(Odd(R"({"id":"a","mood":null})"), ElementsAre("mood JSON_NULL"));
  EXPECT_THAT(Odd(R"({"id":"a","mood":null},{"id":"b","mood":1.5})"), ElementsAre("mood JSON_NUMBER"));
}

TEST(FieldCheck, ATypeThatItsColumnNeverTakesIsNamedWithTheColumn) {
  EXPECT_THAT(
      Odd(R"({"id":"a","served":true,"plugin_name":"p"},{"id":"b","served":{"by":1},"plugin_name":["p"]})"),
      UnorderedElementsAre("served JSON_OBJECT IS_PLUGIN_SERVED", "plugin_name JSON_ARRAY PLUGIN_NAME"));
  EXPECT_THAT(Odd(R"({"id":"a","created_time":1772000000})"),
              ElementsAre("created_time JSON_NUMBER TS_CREATED"));
}

TEST(FieldCheck, WhatLooksLikeAFieldInsideAValueIsNone) {
  EXPECT_THAT(Odd(R"({"id":"a","name":"{\"mood\":1}"})"), IsEmpty());
  EXPECT_THAT(Odd(R"({"id":"a","detail":{"mood":1}})"), ElementsAre("detail JSON_OBJECT"));
}

TEST(FieldCheck, ANameIsOneHoweverItIsSpelled) {
  EXPECT_THAT(Odd(R"({"id":"a","mood":1},{"\u0069d":"b","m\u006fod":2})"), ElementsAre("mood JSON_NUMBER"));
}

TEST(FieldCheck, RecordsMayHaveTheirFieldsInAnyOrder) {
  EXPECT_THAT(Odd(R"({"id":"a","x":1,"y":2},{"y":"s","id":"b"},{"z":1,"x":1,"y":2,"id":"c"})"),
              UnorderedElementsAre("x JSON_NUMBER", "y JSON_NUMBER", "z JSON_NUMBER"));
}

TEST(FieldCheck, APageOfTooManyNamesTellsAFewAndCutsThem) {
  std::string record = R"({"id":"a")";
  for (int i = 0; i < 2000; ++i) absl::StrAppend(&record, ",\"", i, std::string(1000, 'x'), "\":0");
  const std::vector<std::string> odd = Odd(record + "}");
  EXPECT_THAT(odd, SizeIs(kOddFieldsMax));
  for (const std::string& words : odd) EXPECT_LE(words.size(), kFieldNameBytesMax + 20);
}

}  // namespace
}  // namespace penstock::worker
