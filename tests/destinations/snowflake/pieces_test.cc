// SPDX-License-Identifier: Apache-2.0
#include "destinations/snowflake/pieces.h"

#include "absl/strings/str_cat.h"
#include "base/json_text.h"
#include "destinations/newest.h"
#include "store/json_equal.h"
#include "tests/contracts/destination_contract_builders.h"

namespace penstock::destinations::snowflake {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// As EnsureTables makes the table.
Layout OwnLayout() {
  Layout layout;
  layout.exists = true;
  for (const Column& column : GuideTable(Endpoint::kConversations).columns) {
    layout.targets.push_back({column.name, column.type == ColumnType::kTimestamp ? Kind::kInstantUtc
                                           : column.type == ColumnType::kJson    ? Kind::kVariant
                                                                                 : Kind::kText});
  }
  layout.targets.push_back({kExtraColumn, Kind::kVariant});
  layout.targets.push_back({kSequenceColumn, Kind::kNumber});
  return layout;
}

Pieces Encode(const std::vector<TypedRow>& rows) {
  const auto tables = Newest(rows);
  Pieces pieces;
  pieces.Add(GuideTable(Endpoint::kConversations), OwnLayout(), tables.begin()->second, 7);
  return pieces;
}

TEST(Pieces, ARowIsAnObjectOfItsColumnsByNumber) {
  const Pieces pieces = Encode({Conversation("a", 1)});
  ASSERT_THAT(pieces.all(), SizeIs(1));
  EXPECT_THAT(pieces.all()[0].data,
              IsJson(R"([{"n":7,"c0":"a","c1":"2026-03-16T06:02:51.061","c2":"18446744073709551615",
                          "c3":"2026-03-15T10:02:51.061","c4":"DM","c5":"IT",
                          "c7":"{\"ticket_id\": \"T-1\", \"big\": 1e400}","c9":1}])"));
}

TEST(Pieces, RowsShareAChunkUntilItIsFull) {
  std::vector<TypedRow> rows;
  for (uint64_t change = 1; change <= 1000; ++change)
    rows.push_back(Conversation(absl::StrCat("c", change), change));
  const Pieces pieces = Encode(rows);
  EXPECT_GT(pieces.all().size(), 5u);
  EXPECT_LT(pieces.all().size(), 50u);
  for (const Piece& piece : pieces.all()) {
    EXPECT_EQ(piece.piece, 0u);
    EXPECT_LE(piece.quoted, kChunkMax + 4);
    EXPECT_LE(QuoteJson(piece.data).size(), piece.quoted + rows.size());
  }
}

TEST(Pieces, ALongRowIsCutBetweenCharactersAndWholeWhenJoined) {
  std::string text;
  while (text.size() < 3'000'000) text += "\"\xF0\x9F\x98\x80";
  const Pieces pieces = Encode({Conversation("before", 1), Conversation("long", 2, kMonday, text)});
  ASSERT_GT(pieces.all().size(), 4u);
  std::string joined;
  for (const Piece& piece : pieces.all()) {
    EXPECT_LE(QuoteJson(piece.data).size(), kPieceMax);
    EXPECT_LE(QuoteJson(piece.data).size(), piece.quoted);
    if (piece.chunk == 1) joined += piece.data;
  }
  EXPECT_TRUE(joined.find(QuoteJson(text)) != std::string::npos);
}

TEST(Pieces, WhatCannotBeKeptIsRefusedOrReplacedAndNamed) {
  TypedRow nul = Conversation("b", 2, kMonday, std::string("x\0y", 3));
  const Pieces pieces = Encode({Conversation(std::string("a\0", 2), 1), nul});
  ASSERT_THAT(pieces.refused(), SizeIs(1));
  EXPECT_EQ(pieces.refused()[0].id, "a\\u0000");
  ASSERT_THAT(pieces.all(), SizeIs(1));
  EXPECT_THAT(pieces.all()[0].data, HasSubstr(R"(\"PENSTOCK_REPLACED\":[\"PRIMARY_DOMAIN\"])"));
  EXPECT_THAT(Encode({Conversation(std::string(2, '\0'), 1)}).all(), IsEmpty());
}

}  // namespace
}  // namespace penstock::destinations::snowflake
