// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/config.h"
#include "base/endpoint.h"

namespace penstock::destinations {

enum class ColumnType { kText, kTimestamp, kBoolean, kJson };

// One column and the record's fields that may fill it: the first one present wins (plugin_name, else name).
struct Column {
  std::string name;
  ColumnType type = ColumnType::kText;
  std::vector<std::string> fields;
  std::string comment;
};

// How an endpoint's records stand in a table. The first column is the key.
struct Table {
  Endpoint endpoint = Endpoint::kConversations;
  std::string name;
  std::vector<Column> columns;
};

// Columns that every table has after the profile's own.
inline constexpr char kExtraColumn[] = "EXTRA";
inline constexpr char kSequenceColumn[] = "PENSTOCK_SEQ";
inline constexpr char kLoadedAtColumn[] = "PENSTOCK_LOADED_AT";

// Where the load cursor lives: one row, changed in the transaction of the rows it speaks of.
inline constexpr char kLoadsTable[] = "PENSTOCK_LOADS";

// Where rows that the system refuses are named, in the transaction that loads the others (destination.h).
inline constexpr char kSetAsideTable[] = "PENSTOCK_SET_ASIDE";
// What is known of each endpoint's days (docs/operating.md, coverage).
inline constexpr char kCoverageTable[] = "PENSTOCK_COVERAGE";
// Which facts of the metrics are kept as tables beside the rows, and the load cursor that they were made at
// (metrics/kept.h); each is PENSTOCK_FACT_ and its relation's name.
inline constexpr char kFactsTable[] = "PENSTOCK_FACTS";
inline constexpr char kFactTablePrefix[] = "PENSTOCK_FACT_";

// The tables of the vendor's guide, repaired. Lives for the whole process.
const Table& GuideTable(Endpoint endpoint);
// The same columns under the names of the vendor's script: MOVEWORKS_CONVERSATIONS, LAST_UPDATED_AT ..
const Table& VendorTable(Endpoint endpoint);
const Table& TableOf(TableNames names, Endpoint endpoint);

// Where last_updated_time stands among the columns: every table has it, and it decides which version of a row
// stays.
size_t StampColumn(const Table& table);

}  // namespace penstock::destinations
