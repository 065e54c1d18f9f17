// SPDX-License-Identifier: Apache-2.0
#include "destinations/ddl.h"

#include "base/config.h"
#include "destinations/table_profile.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::destinations::sqlserver {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

DestinationConfig Config() {
  return *ParseDestination("sqlserver:Driver=FreeTDS;Server=db;Database=d'wh;UID=load]er;schema=api",
                           penstock::Config());
}

TEST(SqlserverDdl, MakesDatabaseSchemaUserAndRoleOnce) {
  ASSERT_OK_AND_ASSIGN(const std::string sql, Ddl(Config(), "bi reader"));
  EXPECT_THAT(sql, StartsWith("-- Penstock's tables, for sqlcmd"));
  EXPECT_THAT(
      sql,
      HasSubstr(
          "IF DB_ID(N'd''wh') IS NULL CREATE DATABASE [d'wh];\nGO\nUSE [d'wh];\nGO\n"
          "IF SCHEMA_ID(N'api') IS NULL EXEC(N'CREATE SCHEMA [api]');\n"
          "IF DATABASE_PRINCIPAL_ID(N'load]er') IS NULL CREATE USER [load]]er] FOR LOGIN [load]]er] WITH "
          "DEFAULT_SCHEMA = [api];\n"
          "IF DATABASE_PRINCIPAL_ID(N'bi reader') IS NULL CREATE ROLE [bi reader];\nGO\n"));
}

TEST(SqlserverDdl, EachTableIsMadeWithItsCommentsAndTheLoadersRights) {
  ASSERT_OK_AND_ASSIGN(const std::string sql, Ddl(Config(), "reader"));
  EXPECT_THAT(
      sql,
      AllOf(HasSubstr("IF OBJECT_ID(N'[api].[DATA_API_COPILOT_USERS]') IS NULL BEGIN\nCREATE TABLE "
                      "[api].[DATA_API_COPILOT_USERS] (\n  [USER_RECORD_ID] nvarchar(850) COLLATE"),
            HasSubstr(";\nEND;\nGRANT SELECT, INSERT, UPDATE, DELETE ON [api].[DATA_API_COPILOT_USERS] TO "
                      "[load]]er];\nGO\n"),
            HasSubstr("GRANT SELECT, INSERT, UPDATE, DELETE ON [api].[PENSTOCK_LOADS] TO [load]]er];"),
            HasSubstr("GRANT SELECT ON SCHEMA::[api] TO [reader];\nGO\n")));
  for (Endpoint endpoint : kAllEndpoints) {
    for (const Column& column : GuideTable(endpoint).columns)
      EXPECT_THAT(sql, HasSubstr("N'" + column.comment + "'"));
  }
}

TEST(SqlserverDdl, OfADataSourceNeedsTheNamesInIt) {
  DestinationConfig config = *ParseDestination("sqlserver:DSN=dwh", penstock::Config());
  EXPECT_THAT(Ddl(config, "reader"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("name Database and UID")));
}

}  // namespace
}  // namespace penstock::destinations::sqlserver
