// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "metrics/metric.h"

namespace penstock::metrics::powerbi {

enum class ColumnType { kText, kNumber, kDate, kTime };

struct Column {
  std::string name;
  ColumnType type = ColumnType::kText;
  // Over a row of the table's relation; parameters in braces. Empty: the view has it by itself.
  std::string sql = {};
  const Metric* metric = nullptr;  // whose parameters; null: there are none in it
  bool hidden = false;             // made for a measure only
};

// A part of a measure: rows counted, a column summed, its distinct values counted.
struct Term {
  enum class How { kRows, kSum, kDistinct };
  How how = How::kRows;
  std::string column = {};  // of the measure's table
};

struct Measure {
  std::string name;
  std::string text = {};
  std::string format = {};
  std::string folder = {};
  std::vector<Term> terms = {};  // their sum; empty: a ratio, or `dax`
  // Of a ratio the names of two other measures; nothing, where fewer than `at_least` are below the line.
  std::string numerator = {};
  std::string denominator = {};
  int at_least = 0;
  std::string dax = {};  // of what no metric says
};

// One table of the semantic model: a view of the warehouse (views.h), its columns and its measures.
struct Table {
  std::string relation;  // "free_text": BI_FREE_TEXT reads V_FREE_TEXT
  std::string title;
  std::string text;
  std::vector<Column> columns;
  std::vector<Measure> measures = {};
  bool dated = false;      // rows that count, each at its local_date and created_time
  bool whole = false;      // its rows move in time, so no part of it can be refreshed alone
  bool looked_up = false;  // small, and looked up by others
};

// A row of `from` finds at most one of `to`.
struct Relationship {
  std::string from;  // titles
  std::string from_column;
  std::string to;
  std::string to_column;
};

}  // namespace penstock::metrics::powerbi
