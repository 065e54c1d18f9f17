// SPDX-License-Identifier: Apache-2.0
// The statements as SQL Server gets them, to be read by people who know it.
#include "destinations/sqlserver/dialect.h"

#include <gmock/gmock.h>

#include "destinations/sqlserver/bookkeeping.h"
#include "destinations/sqlserver/catalog.h"
#include "destinations/sqlserver/sql_text.h"

namespace penstock::destinations::sqlserver {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const absl::Time kNow = absl::FromUnixSeconds(1'772'000'000);  // 2026-02-25T06:13:20Z

const Table& Tiny() {
  static const Table* const table =
      new Table{Endpoint::kPluginCalls,
                "T",
                {{"K", ColumnType::kText, {"id"}, "the key"},
                 {"S", ColumnType::kTimestamp, {"last_updated_time"}, "the stamp"},
                 {"B", ColumnType::kBoolean, {"b"}, "a flag"},
                 {"J", ColumnType::kJson, {"j"}, "what's in it"}}};
  return *table;
}

Layout TinyLayout(Kind stamp = Kind::kInstantUtc) {
  Layout layout;
  layout.targets = {{"[K]", "nvarchar(850)", kIdCollation, Kind::kText},
                    {"[S]", stamp == Kind::kText ? "nvarchar(40)" : "datetime2(6)", "", stamp},
                    {"[B]", "bit", "", Kind::kBit},
                    {"[J]", "nvarchar(max)", "Latin1_General_CI_AS", Kind::kText},
                    {"[EXTRA]", "nvarchar(max)", "Latin1_General_CI_AS", Kind::kText},
                    {"[PENSTOCK_SEQ]", "bigint", "", Kind::kNumber}};
  return layout;
}

TEST(SqlserverDialect, ASessionRollsBackOnErrorsAndCutsNoText) {
  EXPECT_EQ(SessionSettings(absl::Seconds(10)),
            "SET XACT_ABORT ON; SET ANSI_NULLS ON; SET ANSI_PADDING ON; SET ANSI_WARNINGS ON; SET ARITHABORT "
            "ON; SET CONCAT_NULL_YIELDS_NULL ON; SET QUOTED_IDENTIFIER ON; SET NOCOUNT OFF; SET LOCK_TIMEOUT "
            "10000");
}

TEST(SqlserverDialect, IdsHaveABinaryCollationAndAKeyWithinAnIndexesLimit) {
  EXPECT_EQ(CreateTable("api", Tiny()),
            "CREATE TABLE [api].[T] (\n"
            "  [K] nvarchar(850) COLLATE Latin1_General_100_BIN2 NOT NULL PRIMARY KEY NONCLUSTERED,\n"
            "  [S] datetime2(6) NULL,\n"
            "  [B] bit NULL,\n"
            "  [J] nvarchar(max) NULL,\n"
            "  [EXTRA] nvarchar(max) NULL,\n"
            "  [PENSTOCK_SEQ] bigint NULL,\n"
            "  [PENSTOCK_LOADED_AT] datetime2(6) NULL\n"
            ")");
}

TEST(SqlserverDialect, WhatReferencesAnIdCanBeJoinedWithIt) {
  EXPECT_THAT(CreateTable("api", GuideTable(Endpoint::kPluginResources)),
              AllOf(HasSubstr("[CONVERSATION_ID] nvarchar(850) COLLATE Latin1_General_100_BIN2 NULL"),
                    HasSubstr("[RESOURCE_ID] nvarchar(max) NULL")));
}

TEST(SqlserverDialect, ColumnsSayWhatTheyMean) {
  EXPECT_THAT(
      DescribeColumns("api", Tiny()),
      HasSubstr("EXEC sys.sp_addextendedproperty N'MS_Description', N'what''s in it', N'SCHEMA', N'api', "
                "N'TABLE', N'T', N'COLUMN', N'J';\n"));
}

TEST(SqlserverDialect, TheBookkeepingsTables) {
  EXPECT_EQ(CreateLoadsTable("api"),
            "CREATE TABLE [api].[PENSTOCK_LOADS] (\n"
            "  [ID] smallint NOT NULL PRIMARY KEY CHECK ([ID] = 1),\n"
            "  [STORE_ID] nvarchar(400) NOT NULL,\n"
            "  [CHANGE_NUMBER] bigint NOT NULL,\n"
            "  [LOADED_AT] datetime2(6) NOT NULL,\n"
            "  [ROWS_WRITTEN] bigint NOT NULL\n)");
  EXPECT_EQ(CreateSetAsideTable("api"),
            "CREATE TABLE [api].[PENSTOCK_SET_ASIDE] (\n"
            "  [ENDPOINT] nvarchar(40) NOT NULL,\n"
            "  [ID] nvarchar(max) NOT NULL,\n"
            "  [CHANGE_NUMBER] bigint NOT NULL,\n"
            "  [REASON] nvarchar(max) NOT NULL,\n"
            "  [SET_ASIDE_AT] datetime2(6) NOT NULL\n)");
  EXPECT_EQ(CreateCoverageTable("api"),
            "CREATE TABLE [api].[PENSTOCK_COVERAGE] (\n"
            "  [ENDPOINT] nvarchar(40) NOT NULL,\n"
            "  [DAY] date NOT NULL,\n"
            "  [STATE] nvarchar(40) NOT NULL,\n"
            "  [ROW_COUNT] bigint NOT NULL,\n"
            "  [COUNTED_AT] datetime2(6) NULL,\n"
            "  PRIMARY KEY ([ENDPOINT], [DAY])\n)");
}

TEST(SqlserverDialect, TheStageHasTheTypesAndCollationsOfItsTable) {
  EXPECT_EQ(DropStage(Tiny()), "DROP TABLE IF EXISTS #PENSTOCK_STAGE_PLUGIN_CALLS");
  EXPECT_EQ(CreateStage(Tiny(), TinyLayout()),
            "CREATE TABLE #PENSTOCK_STAGE_PLUGIN_CALLS ([K] nvarchar(850) COLLATE Latin1_General_100_BIN2 "
            "NULL, [S] datetime2(6) NULL, [B] bit NULL, [J] nvarchar(max) COLLATE Latin1_General_CI_AS NULL, "
            "[EXTRA] nvarchar(max) COLLATE Latin1_General_CI_AS NULL, [PENSTOCK_SEQ] bigint NULL)");
  EXPECT_EQ(EmptyStage(Tiny()), "DELETE FROM #PENSTOCK_STAGE_PLUGIN_CALLS");
}

TEST(SqlserverDialect, ABatchIsOneParameterAndNoTextIsCutShort) {
  EXPECT_EQ(
      FillStage(Tiny(), TinyLayout()),
      "INSERT INTO #PENSTOCK_STAGE_PLUGIN_CALLS ([K], [S], [B], [J], [EXTRA], [PENSTOCK_SEQ]) SELECT j.[c0], "
      "j.[c1], j.[c2], j.[c3], j.[c4], j.[c5] FROM OPENJSON(CONVERT(nvarchar(max), ?)) WITH ([c0] "
      "nvarchar(max), [c1] datetime2(6), [c2] bit, [c3] nvarchar(max), [c4] nvarchar(max), [c5] bigint) AS "
      "j");
}

TEST(SqlserverDialect, AStoredRowGivesWayToALaterStampOrToOtherContentUnderTheSame) {
  EXPECT_EQ(
      UpdateFromStage("api", Tiny(), TinyLayout(), kNow),
      "UPDATE t SET [S] = s.[S], [B] = s.[B], [J] = s.[J], [EXTRA] = s.[EXTRA], [PENSTOCK_SEQ] = "
      "s.[PENSTOCK_SEQ], [PENSTOCK_LOADED_AT] = '2026-02-25T06:13:20.000' FROM [api].[T] AS t JOIN "
      "#PENSTOCK_STAGE_PLUGIN_CALLS AS s ON t.[K] = s.[K] AND CONVERT(varbinary(max), t.[K]) = "
      "CONVERT(varbinary(max), s.[K]) WHERE COALESCE(CONVERT(datetime2(6), s.[S]), '0001-01-01T00:00:00') > "
      "COALESCE(CONVERT(datetime2(6), t.[S]), '0001-01-01T00:00:00') OR (COALESCE(CONVERT(datetime2(6), "
      "s.[S]), '0001-01-01T00:00:00') = COALESCE(CONVERT(datetime2(6), t.[S]), '0001-01-01T00:00:00') AND "
      "EXISTS (SELECT t.[PENSTOCK_SEQ], CONVERT(varbinary(max), t.[EXTRA]), CONVERT(varbinary(max), t.[J]), "
      "t.[B], t.[S] EXCEPT SELECT s.[PENSTOCK_SEQ], CONVERT(varbinary(max), s.[EXTRA]), "
      "CONVERT(varbinary(max), s.[J]), s.[B], s.[S]))");
  EXPECT_EQ(InsertFromStage("api", Tiny(), TinyLayout(), kNow),
            "INSERT INTO [api].[T] ([K], [S], [B], [J], [EXTRA], [PENSTOCK_SEQ], [PENSTOCK_LOADED_AT]) "
            "SELECT s.[K], s.[S], s.[B], s.[J], s.[EXTRA], s.[PENSTOCK_SEQ], '2026-02-25T06:13:20.000' FROM "
            "#PENSTOCK_STAGE_PLUGIN_CALLS AS s WHERE NOT EXISTS (SELECT 1 FROM [api].[T] AS t WHERE t.[K] = "
            "s.[K] AND CONVERT(varbinary(max), t.[K]) = CONVERT(varbinary(max), s.[K]))");
}

TEST(SqlserverDialect, AStampOfTextIsReadBeforeItIsCompared) {
  EXPECT_THAT(
      UpdateFromStage("api", Tiny(), TinyLayout(Kind::kText), kNow),
      HasSubstr("COALESCE(CASE WHEN t.[S] LIKE '____-__-__T__:__:__%' AND (t.[S] LIKE '%Z' OR t.[S] LIKE "
                "'%+__:__' OR t.[S] LIKE '%-__:__') THEN TRY_CONVERT(datetimeoffset(6), t.[S]) END, "
                "'0001-01-01T00:00:00+00:00')"));
  EXPECT_THAT(UpdateFromStage("api", Tiny(), TinyLayout(Kind::kInstantZoned), kNow),
              HasSubstr("COALESCE(s.[S], '0001-01-01T00:00:00+00:00') > COALESCE(t.[S], "));
}

TEST(SqlserverDialect, ATableWithoutAKeyIsLockedAndFoundByAnIndex) {
  EXPECT_EQ(LockTable("api", Tiny()),
            "SELECT COUNT(*) FROM (SELECT TOP (1) 1 AS [ONE] FROM [api].[T] WITH (TABLOCKX, HOLDLOCK)) AS l");
  EXPECT_EQ(CreateKeyIndex("api", Tiny()), "CREATE INDEX [PENSTOCK_KEY_T] ON [api].[T] ([K])");
  EXPECT_EQ(AddColumn("api", Tiny(), "B"), "ALTER TABLE [api].[T] ADD [B] bit NULL");
}

TEST(SqlserverDialect, ComparingNamesWhatDiffersByItsChange) {
  const std::string compare = CompareStage("api", Tiny(), TinyLayout());
  EXPECT_THAT(
      compare,
      AllOf(
          HasSubstr("SELECT c.[PENSTOCK_SEQ], c.[STANDING] FROM (SELECT s.[PENSTOCK_SEQ], CASE WHEN t.[K] IS "
                    "NULL THEN 3 WHEN COALESCE(CONVERT(datetime2(6), s.[S]), '0001-01-01T00:00:00') < "),
          HasSubstr(" THEN 2 WHEN "),
          HasSubstr(" THEN 1 ELSE 0 END AS [STANDING] FROM #PENSTOCK_STAGE_PLUGIN_CALLS AS s LEFT JOIN "
                    "[api].[T] AS t ON t.[K] = s.[K] AND "),
          HasSubstr(") AS c WHERE c.[STANDING] > 0")));
  EXPECT_EQ(CountRows("api", Tiny()), "SELECT COUNT_BIG(*) FROM [api].[T]");
}

TEST(SqlserverDialect, TheCursorIsLockedReadAndMovedInOneTransaction) {
  EXPECT_EQ(LockCursor("api"),
            "UPDATE [api].[PENSTOCK_LOADS] SET [ROWS_WRITTEN] = [ROWS_WRITTEN] WHERE [ID] = 1");
  EXPECT_EQ(SelectCursor("api"),
            "SELECT l.[STORE_ID], l.[CHANGE_NUMBER], (SELECT COUNT(*) FROM [api].[PENSTOCK_SET_ASIDE]) FROM "
            "(SELECT 1 AS [ONE]) AS o LEFT JOIN [api].[PENSTOCK_LOADS] AS l ON l.[ID] = o.[ONE]");
  EXPECT_EQ(
      UpdateCursor("api", {"store-a@17", 9}, kNow, 4),
      "UPDATE [api].[PENSTOCK_LOADS] SET [STORE_ID] = N'store-a@17', [CHANGE_NUMBER] = 9, [LOADED_AT] = "
      "'2026-02-25T06:13:20.000', [ROWS_WRITTEN] = [ROWS_WRITTEN] + 4 WHERE [ID] = 1");
  EXPECT_EQ(InsertCursor("api", {"store-a@17", 9}, kNow, 4),
            "INSERT INTO [api].[PENSTOCK_LOADS] ([ID], [STORE_ID], [CHANGE_NUMBER], [LOADED_AT], "
            "[ROWS_WRITTEN]) VALUES (1, N'store-a@17', 9, '2026-02-25T06:13:20.000', 4)");
  EXPECT_EQ(DeleteCursor("api"), "DELETE FROM [api].[PENSTOCK_LOADS]");
}

TEST(SqlserverDialect, RowsThatAreSetAsideAreNamedOnceByTheirBytes) {
  EXPECT_EQ(ForgetSetAside("api", Tiny()),
            "DELETE FROM [api].[PENSTOCK_SET_ASIDE] WHERE [ENDPOINT] = N'plugin-calls' AND "
            "CONVERT(varbinary(max), [ID]) IN (SELECT CONVERT(varbinary(max), s.[K]) FROM "
            "#PENSTOCK_STAGE_PLUGIN_CALLS AS s)");
  EXPECT_EQ(DeleteSetAside("api"),
            "DELETE FROM [api].[PENSTOCK_SET_ASIDE] WHERE EXISTS (SELECT 1 FROM "
            "OPENJSON(CONVERT(nvarchar(max), ?)) WITH ([e] nvarchar(40), [i] nvarchar(max)) AS j WHERE j.[e] "
            "= [ENDPOINT] COLLATE Latin1_General_100_BIN2 AND CONVERT(varbinary(max), j.[i]) = "
            "CONVERT(varbinary(max), [ID]))");
  EXPECT_EQ(InsertSetAside("api"),
            "INSERT INTO [api].[PENSTOCK_SET_ASIDE] ([ENDPOINT], [ID], [CHANGE_NUMBER], [REASON], "
            "[SET_ASIDE_AT]) SELECT j.[e], j.[i], j.[n], j.[r], j.[t] FROM OPENJSON(CONVERT(nvarchar(max), "
            "?)) WITH ([e] nvarchar(40), [i] nvarchar(max), [n] bigint, [r] nvarchar(max), [t] datetime2(6)) "
            "AS j");
  EXPECT_EQ(SelectSetAside("api", 10),
            "SELECT [ENDPOINT], [ID], [CHANGE_NUMBER], [REASON], COUNT(*) OVER () FROM "
            "[api].[PENSTOCK_SET_ASIDE] ORDER BY [CHANGE_NUMBER] OFFSET 0 ROWS FETCH NEXT 10 ROWS ONLY");
}

TEST(SqlserverDialect, ErasedRowsAreDeletedByTheBytesOfTheirIds) {
  EXPECT_EQ(DeleteRows("api", Tiny(), TinyLayout()),
            "DELETE FROM [api].[T] WHERE EXISTS (SELECT 1 FROM OPENJSON(CONVERT(nvarchar(max), ?)) WITH ([i] "
            "nvarchar(max)) AS j WHERE j.[i] COLLATE Latin1_General_100_BIN2 = [K] AND "
            "CONVERT(varbinary(max), j.[i]) = CONVERT(varbinary(max), [K]))");
  Layout old = TinyLayout();
  old.targets.front() = {"[K]", "varchar(40)", "Latin1_General_CI_AS", Kind::kText};
  EXPECT_THAT(DeleteRows("api", Tiny(), old),
              AllOf(HasSubstr("([i] varchar(max)) AS j"), HasSubstr("COLLATE Latin1_General_CI_AS = [K]")));
}

TEST(SqlserverDialect, TheCoverageIsReplacedFromJson) {
  EXPECT_EQ(DeleteCoverage("api"), "DELETE FROM [api].[PENSTOCK_COVERAGE]");
  EXPECT_EQ(InsertCoverage("api"),
            "INSERT INTO [api].[PENSTOCK_COVERAGE] ([ENDPOINT], [DAY], [STATE], [ROW_COUNT], [COUNTED_AT]) "
            "SELECT j.[e], j.[d], j.[s], j.[n], j.[t] FROM OPENJSON(CONVERT(nvarchar(max), ?)) WITH ([e] "
            "nvarchar(40), [d] date, [s] nvarchar(40), [n] bigint, [t] datetime2(6)) AS j");
}

TEST(SqlserverDialect, OneLoaderAtATimeMakesTables) {
  EXPECT_EQ(LockSchema("o'api"),
            "DECLARE @granted int; EXEC @granted = sp_getapplock @Resource = N'penstock o''api', @LockMode = "
            "'Exclusive', @LockOwner = 'Transaction'; SELECT @granted");
  EXPECT_EQ(CreateSchema("a]pi"), "CREATE SCHEMA [a]]pi]");
}

TEST(SqlserverCatalog, AsksForTheTablesOfTheProfile) {
  EXPECT_THAT(
      SelectColumns("api", TableNames::kVendor),
      AllOf(HasSubstr("WHERE s.name = N'api' AND o.type IN ('U', 'V') AND o.name IN (N'MOVEWORKS_USERS', "),
            HasSubstr("N'PENSTOCK_LOADS', N'PENSTOCK_SET_ASIDE', N'PENSTOCK_COVERAGE')"),
            Not(HasSubstr("DATA_API"))));
  EXPECT_THAT(SelectIndexes("api", TableNames::kGuide), HasSubstr("x.key_ordinal = 1"));
  EXPECT_EQ(CountTables("api", "PENSTOCK_LOADS"),
            "SELECT COUNT(*) FROM sys.objects AS o JOIN sys.schemas AS s ON s.schema_id = o.schema_id WHERE "
            "s.name = N'api' AND o.name = N'PENSTOCK_LOADS'");
  EXPECT_EQ(CountSchemas("api"), "SELECT COUNT(*) FROM sys.schemas WHERE name = N'api'");
}

TEST(SqlserverCatalog, AsksForTheRightsOfALoad) {
  EXPECT_EQ(
      SelectRights("api"),
      "SELECT CASE WHEN SCHEMA_ID(N'api') IS NULL THEN 0 ELSE 1 END, HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), "
      "N'DATABASE', N'CREATE TABLE'), HAS_PERMS_BY_NAME(N'[api]', N'SCHEMA', N'ALTER'), "
      "HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), N'DATABASE', N'CREATE SCHEMA'), CASE WHEN "
      "CAST(DATABASEPROPERTYEX(DB_NAME(), N'Updateability') AS nvarchar(20)) = N'READ_ONLY' THEN 1 ELSE 0 "
      "END");
  EXPECT_EQ(
      SelectTableRights("api", "T"),
      "SELECT HAS_PERMS_BY_NAME(N'[api].[T]', N'OBJECT', N'SELECT'), HAS_PERMS_BY_NAME(N'[api].[T]', "
      "N'OBJECT', N'INSERT'), HAS_PERMS_BY_NAME(N'[api].[T]', N'OBJECT', N'UPDATE'), "
      "HAS_PERMS_BY_NAME(N'[api].[T]', N'OBJECT', N'DELETE'), HAS_PERMS_BY_NAME(N'[api].[T]', N'OBJECT', "
      "N'ALTER')");
}

TEST(SqlserverText, NoNameOrTextBecomesSql) {
  EXPECT_EQ(QuoteText("x'); DROP TABLE y; --\\"), "N'x''); DROP TABLE y; --\\'");
  EXPECT_EQ(Qualified("a].[b", "c"), "[a]].[b].[c]");
}

}  // namespace
}  // namespace penstock::destinations::sqlserver
