// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "destinations/destination.h"
#include "destinations/snowflake/layout.h"
#include "destinations/table_profile.h"

namespace penstock::destinations::snowflake {

// The SQL text of this system, and nothing else: pure functions, so that every statement can be read in a test. Names
// are the profile's, in capitals: SQL without quotes finds them, in whatever case it is written. `in` is a schema as
// Qualified gave it. Times are UTC without a zone, so that they read the same in every session.

// Where the rows of a round wait for the transaction that puts them into their tables: transient, because the store
// has them. A row of it is a piece of a JSON array of the round's rows (pieces.h).
inline constexpr char kStageTable[] = "PENSTOCK_STAGE";

std::string Qualified(absl::string_view database, absl::string_view schema);  // "DB"."SCHEMA"
std::string TableIn(absl::string_view in, absl::string_view table);

// ? is the schema. Columns: table, kind of table, column, type, collation.
std::string SelectColumns(absl::string_view database, TableNames names);
// ? is the schema. One row: how many there are.
std::string CountSchemas(absl::string_view database);
std::string CreateSchema(absl::string_view in);
// With the guide's comments. None of these touches what is there.
std::string CreateTable(absl::string_view in, const Table& table);
std::string CreateStageTable(absl::string_view in);
std::string CreateSetAsideTable(absl::string_view in);
// With its one row, which says that nothing is loaded.
std::string CreateLoadsTable(absl::string_view in);
// `column` is one of the profile's, EXTRA, PENSTOCK_SEQ or PENSTOCK_LOADED_AT.
std::string AddColumn(absl::string_view in, const Table& table, absl::string_view column);

// Store id, change number, round id, how many rows are set aside. No row: somebody deleted it.
std::string SelectCursor(absl::string_view in);
std::string InsertCursor(absl::string_view in);
std::string ResetCursor(absl::string_view in);
// At most 1,000 rows. Columns: ENDPOINT, ID, CHANGE_NUMBER, REASON, and how many there are.
std::string SelectSetAside(absl::string_view in);

// ?: for each piece round, endpoint, chunk, piece, data, when.
std::string InsertPieces(absl::string_view in, size_t pieces);

// One transaction's view of what is staged.
struct Round {
  std::string id;
  absl::Time now;
  std::vector<uint64_t> without;  // rows of it that were refused, by their numbers
};
// Moves the cursor from `from` when it stands there and all `pieces` are staged: one row updated, else none.
std::string MoveCursor(absl::string_view in, const Round& round, size_t pieces, const LoadCursor& from,
                       const LoadCursor& to);
// A stored row gives way to a later stamp, or to an equal stamp when anything but PENSTOCK_LOADED_AT differs
// (docs/decisions: destinations compare stamps, then content). An unreadable stamp is older than any other.
// Puts nothing unless MoveCursor moved the cursor for this round.
std::string MergeRows(absl::string_view in, const Table& table, const Layout& layout, const Round& round);
// The same for the rows from `first` until before `end`, whatever the cursor: to be rolled back.
std::string TryRows(absl::string_view in, const Table& table, const Layout& layout, const Round& round,
                    uint64_t first, uint64_t end);
// Rows, and what is set aside, with the ids that are staged as erased, when MoveCursor moved the cursor for this round.
std::string DeleteRows(absl::string_view in, const Table& table, const Layout& layout, const Round& round);
std::string ForgetErased(absl::string_view in, Endpoint endpoint, const Round& round);
// The staged rows that the table does not hold as they are: their numbers, and 1 it would be written again, 2 a
// newer one is there, 3 the id is not there.
std::string CompareRows(absl::string_view in, const Table& table, const Layout& layout, const Round& round);
std::string CountRows(absl::string_view in, const Table& table);
// Empties it and fills it from what is staged, when MoveCursor moved the cursor for this round.
std::string CreateCoverageTable(absl::string_view in);
std::string DeleteCoverage(absl::string_view in, const Round& round);
std::string InsertCoverage(absl::string_view in, const Round& round);
// Rows of the round are loaded: they are set aside no more.
std::string ForgetSetAside(absl::string_view in, const Table& table, const Round& round);
std::string WriteSetAside(absl::string_view in, const SetAsideRow& row, const Round& round);
// The round's, and what lost rounds left there a day ago.
std::string EmptyStage(absl::string_view in, const Round& round);

// Whether the role may do `right` ("SELECT", "INSERT", "UPDATE", "DELETE") on a table with this column: compiles, runs
// nothing.
std::string ExplainRight(absl::string_view in, const std::string& table, absl::string_view column,
                         absl::string_view right);

}  // namespace penstock::destinations::snowflake
