// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "base/config.h"

namespace penstock::destinations::sqlserver {

// What is asked of the server's catalogue, as SQL text.

// Columns: table, kind of object, column, type, bytes, scale, collation, whether it is computed.
std::string SelectColumns(absl::string_view schema, TableNames names);
// One row per index by its first column. Columns: table, column, whether it is unique, how many key columns it has.
std::string SelectIndexes(absl::string_view schema, TableNames names);
// One row: how many there are.
std::string CountSchemas(absl::string_view schema);
std::string CountTables(absl::string_view schema, absl::string_view table);
// One row: whether the schema is there, whether the login may create tables, alter the schema, create schemas; whether
// the database only reads.
std::string SelectRights(absl::string_view schema);
// One row: whether the login may SELECT, INSERT, UPDATE, DELETE, ALTER.
std::string SelectTableRights(absl::string_view schema, absl::string_view table);

}  // namespace penstock::destinations::sqlserver
