// SPDX-License-Identifier: Apache-2.0
#include "cli/table.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "cli/terminal.h"

namespace penstock::cli {

void Table::Add(std::vector<std::string> cells) {
  CHECK(cells.size() == columns_.size());
  for (std::string& cell : cells) cell = Printable(cell);
  rows_.push_back(std::move(cells));
}

std::string Table::Render(size_t width) const {
  std::vector<size_t> widths;
  for (size_t i = 0; i < columns_.size(); ++i) {
    widths.push_back(columns_[i].heading.size());
    for (const auto& row : rows_) widths[i] = std::max(widths[i], Columns(row[i]));
  }
  std::string text;
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string one;
    for (size_t i = 0; i < cells.size(); ++i) {
      const std::string gap(widths[i] - Columns(cells[i]), ' ');
      if (i > 0) one += "  ";
      one += columns_[i].side == kRight ? gap + cells[i] : cells[i] + gap;
    }
    absl::StripTrailingAsciiWhitespace(&one);
    if (Columns(one) > width) one = Cut(one, width - 3) + "...";
    absl::StrAppend(&text, one, "\n");
  };
  std::vector<std::string> headings;
  for (const Column& column : columns_) headings.push_back(column.heading);
  line(headings);
  for (const auto& row : rows_) line(row);
  return text;
}

}  // namespace penstock::cli
