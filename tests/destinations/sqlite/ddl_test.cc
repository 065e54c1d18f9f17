// SPDX-License-Identifier: Apache-2.0
#include "destinations/ddl.h"

#include "absl/strings/str_cat.h"
#include "destinations/sqlite/sqlite_destination.h"
#include "tests/contracts/destination_contract_builders.h"
#include "tests/destinations/sqlite/sqlite_warehouse.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::destinations::sqlite {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

TEST(SqliteDdl, MakesWhatALoadNeedsAndNothingThatItWouldAdd) {
  const TemporaryFolder folder;
  const std::string file = folder / "warehouse.db";
  ASSERT_OK_AND_ASSIGN(const std::string sql, Ddl({.name = "w", .path = file}, "reader"));
  for (int again = 0; again < 2; ++again) ExecuteSql(file, sql);
  const std::string schema = "SELECT name, sql FROM sqlite_schema ORDER BY name";
  const auto before = QuerySql(file, schema);
  FakeClock clock;
  SqliteDestination destination(file, clock);
  ASSERT_OK(destination.EnsureTables());
  EXPECT_THAT(destination.Upsert({Conversation("a", 1)}, kBeginning, At(1)), Counts(1, 0));
  EXPECT_EQ(QuerySql(file, schema), before);
  EXPECT_THAT(QuerySql(file, absl::StrCat("SELECT * FROM ", kTable)), SizeIs(1));
}

TEST(SqliteDdl, HasTheNamesThatTheConfigurationWants) {
  ASSERT_OK_AND_ASSIGN(const std::string sql,
                       Ddl({.name = "w", .tables = TableNames::kVendor, .path = "w.db"}, "reader"));
  EXPECT_THAT(sql, AllOf(HasSubstr("MOVEWORKS_PLUGIN_CALLS"), Not(HasSubstr("DATA_API"))));
}

TEST(SqliteDdl, SaysWhatEachColumnMeans) {
  ASSERT_OK_AND_ASSIGN(const std::string sql, Ddl({.name = "w", .path = "w.db"}, "reader"));
  for (Endpoint endpoint : kAllEndpoints) {
    for (const Column& column : GuideTable(endpoint).columns) EXPECT_THAT(sql, HasSubstr(column.comment));
  }
}

}  // namespace penstock::destinations::sqlite
