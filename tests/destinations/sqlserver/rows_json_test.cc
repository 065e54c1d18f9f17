// SPDX-License-Identifier: Apache-2.0
#include "destinations/sqlserver/rows_json.h"

#include <gmock/gmock.h>

#include "destinations/sqlserver/utf16.h"
#include "tests/contracts/destination_contract_builders.h"

namespace penstock::destinations::sqlserver {
namespace {

using ::testing::HasSubstr;

Layout ConversationLayout(Kind instant) {
  Layout layout;
  for (const Column& column : GuideTable(Endpoint::kConversations).columns) {
    layout.targets.push_back(
        {column.name, "", "", column.type == ColumnType::kTimestamp ? instant : Kind::kText});
  }
  layout.targets.push_back({"[EXTRA]", "", "", Kind::kText});
  layout.targets.push_back({"[PENSTOCK_SEQ]", "", "", Kind::kNumber});
  return layout;
}

std::string Json(const std::vector<const TypedRow*>& rows, Kind instant = Kind::kInstantUtc) {
  return RowsJson(GuideTable(Endpoint::kConversations), ConversationLayout(instant), rows);
}

TEST(SqlserverRows, AreObjectsByTheNumberOfTheColumn) {
  const TypedRow row = Conversation("a", 7);
  EXPECT_EQ(
      Json({&row}),
      R"([{"c0":"a","c1":"2026-03-16T06:02:51.061000","c2":"18446744073709551615","c3":"2026-03-15T10:02:51.061000",)"
      R"("c4":"DM","c5":"IT","c7":"{\"ticket_id\": \"T-1\", \"big\": 1e400}","c9":7}])");
  EXPECT_EQ(Json({}), "[]");
}

TEST(SqlserverRows, HaveInstantsInTheFormOfTheirColumn) {
  const TypedRow row = Conversation("a", 7, kMonday + absl::Microseconds(1));
  EXPECT_THAT(Json({&row}, Kind::kInstantThousandths), HasSubstr(R"("c1":"2026-03-16T06:02:51.061")"));
  EXPECT_THAT(Json({&row}, Kind::kInstantZoned), HasSubstr(R"("c1":"2026-03-16T06:02:51.061001+00:00")"));
  EXPECT_THAT(Json({&row}, Kind::kText), HasSubstr(R"("c1":"2026-03-16T06:02:51.061001Z")"));
}

TEST(SqlserverRows, NameTheColumnsWhereACharacterWasReplaced) {
  TypedRow row = Conversation("a", 7, kMonday, std::string("x\0y", 3));
  row.extra = R"({"org":"\ud83d"})";
  const std::string json = Json({&row});
  EXPECT_THAT(json, HasSubstr("\"c5\":\"x\xEF\xBF\xBDy\""));
  EXPECT_THAT(json, HasSubstr(R"("c8":"{\"org\":\"\\ud83d\",\"PENSTOCK_REPLACED\":[\"PRIMARY_DOMAIN\"]}")"))
      << "JSON is text there: it stands as it came";
}

TEST(SqlserverRows, ThatCanBeSentInNoFormAreTold) {
  EXPECT_EQ(Unfit(Conversation("a", 1)), "");
  EXPECT_THAT(Unfit(Conversation(std::string("a\0b", 3), 1)), HasSubstr("U+0000"));
  EXPECT_THAT(Unfit(Conversation("a", 1, kMonday, "\xFF")), HasSubstr("UTF-8"));
}

TEST(SqlserverRows, SetAsideAndCoverageAreArraysToo) {
  EXPECT_EQ(SetAsideJson({{Endpoint::kUsers, std::string("a\0", 2), 5, "it's"}}, kMonday),
            R"([{"e":"users","i":"a\\u0000","n":5,"r":"it's","t":"2026-03-16T06:02:51.061000"}])");
  EXPECT_EQ(CoverageJson({{Endpoint::kUsers, kMonday, "settled", 3, kTuesday},
                          {Endpoint::kUsers, kMonday, "lost", 0}}),
            R"([{"e":"users","d":"2026-03-16","s":"settled","n":3,"t":"2026-03-17T06:02:51.061000"},)"
            R"({"e":"users","d":"2026-03-16","s":"lost","n":0}])");
}

TEST(Utf16, GoesThereAndBack) {
  for (const std::string& text :
       {std::string(), std::string("a\0b", 3), std::string("caf\xC3\xA9 \xE2\x82\xAC"),
        std::string("\xF0\x9F\x98\x80"), std::string("\xEF\xBF\xBF\xF4\x8F\xBF\xBF")}) {
    std::u16string wide;
    ASSERT_TRUE(ToUtf16(text, &wide)) << text;
    EXPECT_EQ(ToUtf8(wide), text);
  }
  std::u16string wide;
  ASSERT_TRUE(ToUtf16("\xF0\x9F\x98\x80", &wide));
  EXPECT_EQ(wide, u"\xD83D\xDE00");
}

TEST(Utf16, TakesNothingThatIsNoUtf8) {
  std::u16string wide;
  for (const char* bad : {"\xFF", "\xC3", "\xC0\x80", "\xE2\x82", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                          "\xF0\x80\x80\x80", "a\x80", "\xC3("}) {
    EXPECT_FALSE(ToUtf16(bad, &wide)) << bad;
  }
  EXPECT_EQ(ToUtf8(u"a\xD83D"
                   u"b"),
            "a\xEF\xBF\xBD"
            "b");
}

}  // namespace
}  // namespace penstock::destinations::sqlserver
