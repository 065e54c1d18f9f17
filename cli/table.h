// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace penstock::cli {

// A table of plain text: columns two spaces apart, headings in the first line, numbers to the right.
//
//   Table table({{"JOB"}, {"ROWS", Table::kRight}});
//   table.Add({"job-12", WithSeparators(1021500)});
//   out << table.Render(80);
class Table {
 public:
  enum Side { kLeft, kRight };
  struct Column {
    std::string heading;
    Side side = kLeft;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // As many cells as columns. Control characters become spaces.
  void Add(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }

  // Lines of at most `width` columns: when the table is wider, its last column is cut and ends in "...". No
  // line has spaces at its end.
  std::string Render(size_t width) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace penstock::cli
