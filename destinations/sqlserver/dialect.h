// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "destinations/destination.h"
#include "destinations/sqlserver/layout.h"
#include "destinations/table_profile.h"

namespace penstock::destinations::sqlserver {

// The SQL text of this system, and nothing else: pure functions, so that every statement can be read in a test. It is
// T-SQL of SQL Server 2016, without MERGE and without what Babelfish lacks
// (docs/decisions/2026-11-22-sql-server-without-merge.md). A "?" takes a JSON array of objects.

// Ids that differ in case are different, and columns that hold ids can be joined.
inline constexpr char kIdCollation[] = "Latin1_General_100_BIN2";
// The longest id in UTF-16 units: the key of a nonclustered index has 1,700 bytes at most.
inline constexpr int kIdUnits = 850;

// What each session begins with: an error ends the transaction, no text is cut short without a word, another one's lock
// is waited for, not for ever.
std::string SessionSettings(absl::Duration lock_timeout);

// Until the end of the transaction no other loader makes the tables of this schema. One row: less than 0 when the lock
// was not given in time.
std::string LockSchema(absl::string_view schema);

std::string CreateSchema(absl::string_view schema);
std::string CreateTable(absl::string_view schema, const Table& table);
// What the columns mean, as extended properties.
std::string DescribeColumns(absl::string_view schema, const Table& table);
// `column` is one of the profile's, EXTRA, PENSTOCK_SEQ or PENSTOCK_LOADED_AT.
std::string AddColumn(absl::string_view schema, const Table& table, absl::string_view column);
// For a table of somebody else's: finding a row must not read the whole table each time.
std::string CreateKeyIndex(absl::string_view schema, const Table& table);

// The session's own table of a batch, in the types of the target.
std::string StageName(const Table& table);
std::string DropStage(const Table& table);
std::string CreateStage(const Table& table, const Layout& layout);
std::string EmptyStage(const Table& table);
// ?: objects with the members c0, c1 .. in the order of the layout (rows_json.h).
std::string FillStage(const Table& table, const Layout& layout);

// For a table without a unique key, which nobody else may write until the transaction ends.
std::string LockTable(absl::string_view schema, const Table& table);
// A stored row gives way to a later stamp, or to an equal stamp when anything but PENSTOCK_LOADED_AT differs
// (docs/decisions: destinations compare stamps, then content). An unreadable stamp is older than any other.
std::string UpdateFromStage(absl::string_view schema, const Table& table, const Layout& layout,
                            absl::Time now);
std::string InsertFromStage(absl::string_view schema, const Table& table, const Layout& layout,
                            absl::Time now);
// ?: objects with the member i, an id that is no more. Every row that has one of them goes.
std::string DeleteRows(absl::string_view schema, const Table& table, const Layout& layout);
// The rows of the stage that the table does not hold as they are: PENSTOCK_SEQ, and 1 it would be written again, 2 a
// newer one is there, 3 the id is not there.
std::string CompareStage(absl::string_view schema, const Table& table, const Layout& layout);
std::string CountRows(absl::string_view schema, const Table& table);

}  // namespace penstock::destinations::sqlserver
