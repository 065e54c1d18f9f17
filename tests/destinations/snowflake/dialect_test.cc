// SPDX-License-Identifier: Apache-2.0
// The statements as Snowflake gets them, to be read by people who know it.
#include "destinations/snowflake/dialect.h"

#include <gmock/gmock.h>

#include "destinations/snowflake/identifier.h"

namespace penstock::destinations::snowflake {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kIn[] = "\"DWH\".\"DATA_API\"";
const Round kRound = {"00ff00ff00ff00ff", absl::FromUnixSeconds(1'772'000'000), {}};

Layout Small(Kind stamp, Kind details) {
  Layout layout;
  layout.targets = {
      {"\"CONVERSATION_ID\"", Kind::kText}, {"\"TS_LAST_UPDATED\"", stamp}, {"\"DETAILS\"", details}};
  return layout;
}

TEST(SnowflakeDialect, TheCursorMovesFromWhereItWasWhenAllIsStaged) {
  EXPECT_EQ(
      MoveCursor(kIn, kRound, 3, {"store-a", 5}, {"store-a", 9}),
      "UPDATE \"DWH\".\"DATA_API\".\"PENSTOCK_LOADS\" SET \"STORE_ID\" = 'store-a', \"CHANGE_NUMBER\" = 9, "
      "\"LOADED_AT\" = '2026-02-25T06:13:20.000'::TIMESTAMP_NTZ, \"ROUND_ID\" = '00ff00ff00ff00ff' WHERE "
      "\"STORE_ID\" = 'store-a' AND \"CHANGE_NUMBER\" = 5 AND (SELECT COUNT(*) FROM (SELECT DISTINCT "
      "\"ENDPOINT\", \"CHUNK\", \"PIECE\" FROM \"DWH\".\"DATA_API\".\"PENSTOCK_STAGE\" WHERE \"ROUND_ID\" = "
      "'00ff00ff00ff00ff')) = 3");
}

TEST(SnowflakeDialect, AMergeTakesTheRoundsRowsWhenTheCursorMovedForIt) {
  EXPECT_EQ(
      MergeRows(kIn, GuideTable(Endpoint::kConversations), Small(Kind::kInstantUtc, Kind::kVariant), kRound),
      "MERGE INTO \"DWH\".\"DATA_API\".\"DATA_API_COPILOT_CONVERSATIONS\" t USING (SELECT N, T0 AS C0, "
      "T1::TIMESTAMP_NTZ AS C1, COALESCE(TRY_PARSE_JSON(T2), V2) AS C2 FROM (SELECT f.VALUE:n::NUMBER AS N, "
      "f.VALUE:c0::VARCHAR AS T0, f.VALUE:c1::VARCHAR AS T1, f.VALUE:c2::VARCHAR AS T2, f.VALUE:c2 AS V2 "
      "FROM (SELECT "
      "LISTAGG(DATA, '') WITHIN GROUP (ORDER BY PIECE) AS ROWS_TEXT FROM (SELECT CHUNK, PIECE, "
      "ANY_VALUE(DATA) AS DATA "
      "FROM \"DWH\".\"DATA_API\".\"PENSTOCK_STAGE\" WHERE \"ROUND_ID\" = '00ff00ff00ff00ff' AND \"ENDPOINT\" "
      "= "
      "'conversations' AND '00ff00ff00ff00ff' IN (SELECT \"ROUND_ID\" FROM "
      "\"DWH\".\"DATA_API\".\"PENSTOCK_LOADS\") "
      "GROUP BY CHUNK, PIECE) GROUP BY CHUNK) s, LATERAL FLATTEN(INPUT => PARSE_JSON(s.ROWS_TEXT)) f)) s ON "
      "t.\"CONVERSATION_ID\" = s.C0 WHEN MATCHED AND (s.C1 > t.\"TS_LAST_UPDATED\" OR (t.\"TS_LAST_UPDATED\" "
      "IS NULL "
      "AND s.C1 IS NOT NULL) OR (s.C1 IS NOT DISTINCT FROM t.\"TS_LAST_UPDATED\" AND (TO_JSON(t.\"DETAILS\") "
      "IS "
      "DISTINCT FROM TO_JSON(s.C2) OR t.\"TS_LAST_UPDATED\" IS DISTINCT FROM s.C1))) THEN UPDATE SET "
      "\"TS_LAST_UPDATED\" = s.C1, \"DETAILS\" = s.C2, \"PENSTOCK_LOADED_AT\" = "
      "'2026-02-25T06:13:20.000'::TIMESTAMP_NTZ WHEN NOT MATCHED THEN INSERT (\"CONVERSATION_ID\", "
      "\"TS_LAST_UPDATED\", \"DETAILS\", \"PENSTOCK_LOADED_AT\") VALUES (s.C0, s.C1, s.C2, "
      "'2026-02-25T06:13:20.000'::TIMESTAMP_NTZ)");
}

TEST(SnowflakeDialect, AStampOfTextIsReadBeforeItIsCompared) {
  const std::string merge =
      MergeRows(kIn, GuideTable(Endpoint::kConversations), Small(Kind::kText, Kind::kText), kRound);
  EXPECT_THAT(
      merge,
      HasSubstr("CONVERT_TIMEZONE('UTC', TRY_TO_TIMESTAMP_TZ(CASE WHEN RLIKE(t.\"TS_LAST_UPDATED\", "));
  EXPECT_THAT(merge, Not(HasSubstr("TRY_PARSE_JSON"))) << "a column of text has the JSON as it came";
}

TEST(SnowflakeDialect, RefusedRowsAreLeftOutByNumber) {
  Round round = kRound;
  round.without = {4, 70};
  EXPECT_THAT(
      MergeRows(kIn, GuideTable(Endpoint::kConversations), Small(Kind::kInstantUtc, Kind::kText), round),
      HasSubstr(" f) WHERE N NOT IN (4, 70)) s ON"));
  EXPECT_THAT(TryRows(kIn, GuideTable(Endpoint::kConversations), Small(Kind::kInstantUtc, Kind::kText),
                      kRound, 8, 16),
              HasSubstr(" f) WHERE N >= 8 AND N < 16) s ON"));
}

TEST(SnowflakeDialect, NoTextOfARowBecomesSql) {
  EXPECT_THAT(WriteSetAside(kIn, {Endpoint::kUsers, "x'); DROP TABLE y; --\\", 5, "it's"}, kRound),
              AllOf(HasSubstr("'x''); DROP TABLE y; --\\\\' AS ID"), HasSubstr("'it''s'")));
}

TEST(SnowflakeIdentifier, APlainWordIsInCapitalsAndAQuotedOneAsItIs) {
  EXPECT_EQ(Identifier("data_api"), "DATA_API");
  EXPECT_EQ(Identifier("\"Data \"\"Api\""), "Data \"Api");
  EXPECT_EQ(Identifier("my-db"), "my-db");
  EXPECT_EQ(QuoteName(Identifier("a\"b")), "\"a\"\"b\"");
}

}  // namespace
}  // namespace penstock::destinations::snowflake
