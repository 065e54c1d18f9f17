// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "destinations/postgres/layout.h"
#include "destinations/table_profile.h"

namespace penstock::destinations::postgres {

// The SQL text of this system, and nothing else: pure functions, so that every statement can be read in a
// test. Names are the profile's in small letters: SQL without quotes finds them, in whatever case it is
// written.

std::string QuoteName(absl::string_view name);
std::string QuoteText(absl::string_view text);
// "schema"."name", the name in small letters.
std::string Qualified(absl::string_view schema, absl::string_view name);

// With the guide's comments.
std::string CreateTable(absl::string_view schema, const Table& table);
std::string CreateLoadsTable(absl::string_view schema);
std::string CreateSetAsideTable(absl::string_view schema);
// `column` is one of the profile's, EXTRA, PENSTOCK_SEQ or PENSTOCK_LOADED_AT.
std::string AddColumn(absl::string_view schema, const Table& table, absl::string_view column);
// For a table of somebody else's without a unique key: finding a row must not read the whole table each time.
std::string CreateKeyIndex(absl::string_view schema, const Table& table);

// The session's own table that a batch is copied into, in the types of the target, emptied at each commit.
std::string StageName(const Table& table);
std::string CreateStage(const Table& table, const Layout& layout);
std::string CopyIntoStage(const Table& table);

// A stored row gives way to a later stamp, or to an equal stamp when anything but PENSTOCK_LOADED_AT differs
// (docs/decisions: destinations compare stamps, then content). An unreadable stamp is older than any other.
// $1 is PENSTOCK_LOADED_AT.
//
// For a table with a unique key.
std::string UpsertStage(absl::string_view schema, const Table& table, const Layout& layout);
// For a table without, which nobody else may write meanwhile: LockTable, then UpdateFromStage (finds how many
// ids gave way) and InsertFromStage.
std::string LockTable(absl::string_view schema, absl::string_view name);
std::string UpdateFromStage(absl::string_view schema, const Table& table, const Layout& layout);
std::string InsertFromStage(absl::string_view schema, const Table& table, const Layout& layout);

// $1 the id.
std::string DeleteRow(absl::string_view schema, const Table& table);

// The rows of the stage that the table does not hold as they are: PENSTOCK_SEQ, and 1 it would be written again, 2 a
// newer one is there, 3 the id is not there.
std::string CompareStage(absl::string_view schema, const Table& table, const Layout& layout);
std::string CountRows(absl::string_view schema, const Table& table);

// Column and type of a table as CreateTable makes it, as pg_type names the type.
std::vector<std::pair<std::string, std::string>> DeclaredTypes(const Table& table);
// How many rows, of these without an id, how many ids several have, how many rows are beyond one of each id.
std::string CountDuplicates(absl::string_view schema, const Table& table);
// $1 the most ids. Columns: id, how often.
std::string SelectDuplicates(absl::string_view schema, const Table& table);
// Of each id's rows the newest stays: by the stamp's column, when the table has it, and by PENSTOCK_SEQ, when it has
// that.
std::string RemoveDuplicates(absl::string_view schema, const Table& table, const std::optional<Target>& stamp,
                             bool has_sequence);
std::string CreateUniqueKey(absl::string_view schema, const Table& table);

std::string CreateCoverageTable(absl::string_view schema);
// Empties it, and fills it with $1, a JSON array of objects with its columns.
std::string DeleteCoverage(absl::string_view schema);
std::string InsertCoverage(absl::string_view schema);

// One row: STORE_ID and CHANGE_NUMBER (NULL: nothing is loaded), whether any row is set aside.
std::string SelectCursor(absl::string_view schema);
// $1 store id, $2 change, $3 loaded at, $4 rows written.
std::string WriteCursor(absl::string_view schema);
std::string DeleteCursor(absl::string_view schema);
// $1 endpoint. Rows of the stage are loaded: they are set aside no more.
std::string ForgetSetAside(absl::string_view schema, const Table& table);
// $1 endpoint, $2 id: it is set aside no more.
std::string ForgetOneSetAside(absl::string_view schema);
// $1 endpoint, $2 id, $3 change, $4 reason, $5 when.
std::string WriteSetAside(absl::string_view schema);
// $1 the most rows. Columns: ENDPOINT, ID, CHANGE_NUMBER, REASON, and how many there are.
std::string SelectSetAside(absl::string_view schema);

}  // namespace penstock::destinations::postgres
