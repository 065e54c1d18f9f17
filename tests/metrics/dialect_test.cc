// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "metrics/catalogue.h"
#include "metrics/dialects/postgres.h"
#include "metrics/dialects/snowflake.h"
#include "metrics/dialects/sqlite.h"
#include "metrics/placeholders.h"
#include "metrics/records.h"

namespace penstock::metrics {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

SnowflakeConfig Snow() {
  SnowflakeConfig config;
  config.database = "lake";
  config.schema = "\"Prod\"";
  return config;
}

TEST(Dialects, ReachTheSameThingsInTheirOwnWords) {
  const SqliteDialect sqlite(TableNames::kGuide);
  EXPECT_EQ(sqlite.Table(Endpoint::kUsers), "\"DATA_API_COPILOT_USERS\"");
  EXPECT_EQ(sqlite.Column(Endpoint::kUsers, "access_to_bot"), "\"HAS_ACCESS_TO_BOT\"");
  EXPECT_EQ(sqlite.JsonText("d", "content"),
            "CASE json_type(d, '$.content') WHEN 'text' THEN json_extract(d, '$.content') END");
  PostgresConfig config;
  config.schema = "Data";
  const PostgresDialect postgres(config, TableNames::kVendor);
  EXPECT_EQ(postgres.Table(Endpoint::kUsers), "\"Data\".\"moveworks_users\"");
  EXPECT_EQ(postgres.Column(Endpoint::kUsers, "access_to_bot"), "\"has_access_to_bot\"");
  EXPECT_EQ(postgres.JsonText("d", "content"),
            "CASE jsonb_typeof(d::jsonb -> 'content') WHEN 'string' THEN d::jsonb ->> 'content' END");
  const SnowflakeDialect snowflake(Snow(), TableNames::kGuide);
  EXPECT_EQ(snowflake.Table(Endpoint::kUsers), "\"LAKE\".\"Prod\".\"DATA_API_COPILOT_USERS\"");
  EXPECT_EQ(snowflake.JsonText("d", "content"),
            "CASE TYPEOF(d:content) WHEN 'VARCHAR' THEN d:content::VARCHAR END");
  EXPECT_EQ(snowflake.Millis("t"), "DATE_PART(EPOCH_MILLISECOND, t::TIMESTAMP_NTZ)");
  EXPECT_EQ(snowflake.Lower("x"), "TRANSLATE(x, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')");
}

TEST(Dialects, QuoteWhatPeopleConfigured) {
  EXPECT_EQ(SqliteDialect(TableNames::kGuide).Quote("it's \\ {labels}"), "'it''s \\ {labels}'");
  EXPECT_EQ(SnowflakeDialect(Snow(), TableNames::kGuide).Quote("it's \\"), "'it''s \\\\'");
  // Braces in a value are text.
  const Values values = {{"labels", {"{min}"}}};
  EXPECT_EQ(FillIn("x IN {labels}", values, SqliteDialect(TableNames::kGuide), ""), "x IN ('{min}')");
}

TEST(Dialects, LeaveNothingOfTheirOwnInFactsAndEntries) {
  for (const Metric& metric : AllMetrics()) {
    for (const Definition* definition : {&metric.corrected, &metric.guide}) {
      for (const char* word : {"::", "json", "DATE_PART", "strftime", "DATA_API"}) {
        EXPECT_THAT(absl::StrCat(definition->where, definition->value, definition->over),
                    Not(HasSubstr(word)))
            << metric.name;
      }
    }
  }
}

TEST(FormNames, AreComparedWithoutArticlesBlanksAndFinalPunctuation) {
  EXPECT_EQ(FormName(" File an  IT Ticket. "), "file it ticket");
  EXPECT_EQ(FormName("The a an"), "");
  EXPECT_EQ(FormName("Theatre another"), "theatre another");
  EXPECT_EQ(FormName("Was ist das?!"), "was ist das");
}

}  // namespace
}  // namespace penstock::metrics
