// SPDX-License-Identifier: Apache-2.0
#include "destinations/sqlite/dialect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace penstock::destinations::sqlite {

using ::testing::HasSubstr;

const Table& Tiny() {
  static const Table* const table =
      new Table{Endpoint::kUsers,
                "T",
                {{"K", ColumnType::kText, {"id"}, "the key"},
                 {"S", ColumnType::kTimestamp, {"last_updated_time"}, "the stamp"},
                 {"B", ColumnType::kBoolean, {"b"}, "a flag"},
                 {"J", ColumnType::kJson, {"j"}, "a document"}}};
  return *table;
}

TEST(Dialect, TablesCarryTheirComments) {
  EXPECT_EQ(CreateTable(Tiny()),
            "CREATE TABLE IF NOT EXISTS \"T\" (\n"
            "  \"K\" TEXT NOT NULL PRIMARY KEY, -- the key\n"
            "  \"S\" TEXT, -- the stamp\n"
            "  \"B\" INTEGER, -- a flag\n"
            "  \"J\" TEXT, -- a document\n"
            "  \"EXTRA\" TEXT, -- Fields that the columns do not know (Json col)\n"
            "  \"PENSTOCK_SEQ\" INTEGER, -- Number of the row's last change in the Penstock store\n"
            "  \"PENSTOCK_LOADED_AT\" TEXT -- When the row was written here\n"
            ")");
}

TEST(Dialect, TheUpsertComparesStampsBeforeContent) {
  EXPECT_EQ(
      UpsertRow(Tiny()),
      "INSERT INTO \"T\"(\"K\",\"S\",\"B\",\"J\",\"EXTRA\",\"PENSTOCK_SEQ\",\"PENSTOCK_LOADED_AT\") "
      "VALUES(?1,?2,?3,?4,?5,?6,?7) ON CONFLICT(\"K\") DO UPDATE SET "
      "\"S\"=?2,\"B\"=?3,\"J\"=?4,\"EXTRA\"=?5,\"PENSTOCK_SEQ\"=?6,\"PENSTOCK_LOADED_AT\"=?7 "
      "WHERE CASE penstock_compare_stamps(?8,\"T\".\"S\") WHEN 1 THEN 1 WHEN 0 THEN "
      "(\"T\".\"S\" IS NOT ?2 OR \"T\".\"B\" IS NOT ?3 OR \"T\".\"J\" IS NOT ?4 OR \"T\".\"EXTRA\" IS NOT ?5 "
      "OR \"T\".\"PENSTOCK_SEQ\" IS NOT ?6) ELSE 0 END");
}

TEST(Dialect, WithoutAKeyTheIdIsComparedByteForByte) {
  EXPECT_THAT(UpdateRow(Tiny()), HasSubstr("WHERE \"K\" COLLATE BINARY = ?1 AND CASE"));
  EXPECT_THAT(InsertRow(Tiny()),
              HasSubstr("SELECT ?1,?2,?3,?4,?5,?6,?7 WHERE NOT EXISTS (SELECT 1 FROM \"T\" WHERE "
                        "\"K\" COLLATE BINARY = ?1)"));
}

TEST(Dialect, NamesAreQuoted) {
  EXPECT_EQ(QuoteName("a\"b"), "\"a\"\"b\"");
  EXPECT_EQ(AddColumn(Tiny(), "B"), "ALTER TABLE \"T\" ADD COLUMN \"B\" INTEGER");
  EXPECT_EQ(AddColumn(Tiny(), "EXTRA"), "ALTER TABLE \"T\" ADD COLUMN \"EXTRA\" TEXT");
}

}  // namespace penstock::destinations::sqlite
