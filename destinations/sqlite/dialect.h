// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "destinations/table_profile.h"

namespace penstock::destinations::sqlite {

// The SQL text of this system, and nothing else: pure functions, so that every statement can be read in a
// test.
//
// Parameters of a row's statements: ?1 .. ?n the profile's columns in order, then EXTRA, PENSTOCK_SEQ,
// PENSTOCK_LOADED_AT, and last, where it is compared, the row's stamp (NULL: unreadable).

// Compares two stamps as instants: -1, 0 or 1. NULL and what cannot be read are older than any other and
// equal to each other. Registered by Connection.
inline constexpr char kCompareStamps[] = "penstock_compare_stamps";

// A text's instant in nanoseconds since 1970; NULL: it cannot be read. Registered by Connection.
inline constexpr char kStampNanos[] = "penstock_stamp_nanos";

std::string QuoteName(absl::string_view name);

// Column and type of a table as CreateTable makes it.
std::vector<std::pair<std::string, std::string>> DeclaredTypes(const Table& table);

// The guide's comments stand in the statement, which SQLite keeps: `.schema` shows them.
std::string CreateTable(const Table& table);
std::string CreateLoadsTable();
std::string CreateSetAsideTable();
// `column` is one that ColumnDeclaration knows: of the profile, EXTRA, PENSTOCK_SEQ or PENSTOCK_LOADED_AT.
std::string AddColumn(const Table& table, absl::string_view column);
// For a table of somebody else's without a unique key: finding a row must not read the whole table each time.
std::string CreateKeyIndex(const Table& table);

// A stored row gives way to a later stamp, or to an equal stamp when anything but PENSTOCK_LOADED_AT differs.
// So loading the same again writes nothing; what is newly mapped (a column added, a mapping mended) arrives
// by loading again; and the sequence numbers of another store never hold a row back. Older changes of the
// same store cannot come after newer ones, because the cursor moves by compare-and-set.
//
// For a table with a unique key: changes() is 0 when the stored row stays.
std::string UpsertRow(const Table& table);
// For a table without: UpdateRow changes every row with the id that gives way; when it changed none,
// InsertRow adds the row unless the id is there.
std::string UpdateRow(const Table& table);
std::string InsertRow(const Table& table);

// ?1 the id.
std::string DeleteRow(const Table& table);

// How the row of the parameters stands in the table: 0 it is there as it is, 1 it would be written again, 2 a newer one
// is there. No row: the id is not there.
std::string CompareRow(const Table& table);
std::string CountRows(const Table& table);

// How many rows, of these without an id, how many ids several have, how many rows are beyond one of each id.
std::string CountDuplicates(const Table& table);
// ?1 the most ids. Columns: id, how often.
std::string SelectDuplicates(const Table& table);
// Of each id's rows the newest stays: by `columns`, those of the profile and ours that the table has.
std::string RemoveDuplicates(const Table& table, const std::vector<std::string>& columns);
std::string CreateUniqueKey(const Table& table);

std::string CreateCoverageTable();
std::string DeleteCoverage();
// ?1 endpoint, ?2 day, ?3 state, ?4 rows, ?5 counted at.
std::string InsertCoverage();

// Columns: STORE_ID, CHANGE_NUMBER.
std::string SelectCursor();
// ?1 store id, ?2 change, ?3 loaded at, ?4 rows written.
std::string WriteCursor();
std::string DeleteCursor();
// Whether any row is set aside.
std::string AnySetAside();
// ?1 endpoint, ?2 id: it is set aside no more.
std::string ForgetSetAside();
// ?1 endpoint, ?2 id, ?3 change, ?4 reason, ?5 when.
std::string WriteSetAside();
// ?1 the most rows. Columns: ENDPOINT, ID, CHANGE_NUMBER, REASON, and how many there are.
std::string SelectSetAside();

}  // namespace penstock::destinations::sqlite
