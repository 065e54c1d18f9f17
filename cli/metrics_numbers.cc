// SPDX-License-Identifier: Apache-2.0
#include "cli/metrics_numbers.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "base/instant.h"
#include "base/json_text.h"
#include "base/status_macros.h"
#include "cli/query_cells.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "metrics/frame.h"
#include "proto/convert.h"

namespace penstock::cli {
namespace {

using Kind = v1::QueryColumn::Kind;
using metrics::kTotal;
using metrics::Unit;

constexpr size_t kGroupColumns = 32;
constexpr size_t kBarMin = 8;
constexpr size_t kBarMax = 30;

std::string DefinitionName(bool guide) { return guide ? "guide" : "corrected"; }

// Of the first column of a kind; null: the answer has none.
const v1::QueryValue* Find(const QueryTable& table, const v1::QueryRow& row, Kind kind) {
  for (int i = 0; i < table.header.columns_size(); ++i) {
    if (table.header.columns(i).kind() == kind) return &row.values(i);
  }
  return nullptr;
}

std::optional<double> Number(const v1::QueryValue* value) {
  if (value == nullptr) return std::nullopt;
  if (value->value_case() == v1::QueryValue::kNumber) return value->number();
  if (value->value_case() == v1::QueryValue::kInteger) return static_cast<double>(value->integer());
  return std::nullopt;
}

// Whole numbers with separators, others with two decimals.
std::string Plain(double number) {
  const bool whole = number == std::floor(number) && std::abs(number) < 1e15;
  if (whole && number >= 0) return WithSeparators(static_cast<uint64_t>(number));
  return whole ? absl::StrFormat("%.0f", number) : absl::StrFormat("%.2f", number);
}

std::string Words(Unit unit, std::optional<double> value) {
  if (!value.has_value()) return "-";
  switch (unit) {
    case Unit::kCount:
      return Plain(*value);
    case Unit::kShare:
      return absl::StrFormat("%.1f %%", *value * 100);
    case Unit::kMean:
      return absl::StrFormat("%.2f", *value);
    case Unit::kMilliseconds:
      return absl::StrFormat("%.3f s", *value / 1'000);
    case Unit::kHours:
      return absl::StrFormat("%.1f h", *value);
  }
  CHECK(false);
}

// "169 / 177"; empty for a count, which says it all itself.
std::string Parts(Unit unit, const QueryTable& table, const v1::QueryRow& row) {
  const std::optional<double> over = Number(Find(table, row, v1::QueryColumn::DENOMINATOR));
  const std::optional<double> part = Number(Find(table, row, v1::QueryColumn::NUMERATOR));
  if (!over.has_value() || !part.has_value() || unit == Unit::kHours) return "";
  const std::string above = unit == Unit::kMilliseconds ? Words(unit, part) : Plain(*part);
  return absl::StrCat(above, " / ", Plain(*over));
}

// What names a row: its period and groups.
using Key = std::vector<std::string>;
Key KeyOf(const QueryTable& table, const v1::QueryRow& row) {
  Key key;
  for (int i = 0; i < table.header.columns_size(); ++i) {
    const Kind kind = table.header.columns(i).kind();
    if (kind == v1::QueryColumn::PERIOD || kind == v1::QueryColumn::GROUP)
      key.push_back(row.values(i).text());
  }
  return key;
}

bool IsProvisional(const QueryTable& table, const v1::QueryRow& row) {
  const v1::QueryValue* const mark = Find(table, row, v1::QueryColumn::PROVISIONAL);
  return mark != nullptr && mark->flag();
}

// The columns of one definition behind period and groups.
struct Column {
  std::string heading;
  std::vector<std::string> cells;  // by row
};

std::vector<Column> ValueColumns(const Numbers& numbers, const std::vector<const v1::QueryRow*>& rows,
                                 bool both) {
  const QueryTable& table = numbers.table;
  const Unit unit = numbers.metric->unit;
  Column value = {both ? (numbers.guide ? "GUIDE" : "CORRECTED") : "VALUE", {}};
  Column of = {"OF", {}};
  for (const v1::QueryRow* row : rows) {
    value.cells.push_back(row == nullptr ? "-"
                                         : Words(unit, Number(Find(table, *row, v1::QueryColumn::VALUE))));
    of.cells.push_back(row == nullptr ? "" : Parts(unit, table, *row));
  }
  std::vector<Column> columns = {std::move(value)};
  const auto shows = [](const std::string& cell) { return !cell.empty(); };
  if (std::any_of(of.cells.begin(), of.cells.end(), shows)) columns.push_back(std::move(of));
  for (int i = 0; i < table.header.columns_size() && !both; ++i) {
    const v1::QueryColumn& header = table.header.columns(i);
    const bool unattributed = header.kind() == v1::QueryColumn::UNATTRIBUTED;
    if (!unattributed && header.kind() != v1::QueryColumn::BESIDE) continue;
    Column column = {absl::AsciiStrToUpper(absl::StrReplaceAll(header.name(), {{"_", " "}})), {}};
    bool any = !unattributed;
    for (const v1::QueryRow* row : rows) {
      const std::optional<double> number = Number(&row->values(i));
      column.cells.push_back(number.has_value() ? Plain(*number) : "-");
      any |= number.value_or(0) != 0;
    }
    if (any) columns.push_back(std::move(column));
  }
  return columns;
}

std::string Heading(const Numbers& numbers, bool both) {
  return absl::StrCat(numbers.metric->title,
                      both ? "" : absl::StrCat(" (", DefinitionName(numbers.guide), ")"), ": ",
                      TimeWords(numbers.table.header));
}

size_t WidthOf(const std::string& text) {
  size_t width = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) width = std::max(width, Columns(line));
  return width;
}

// Of each period's or group's value beside the greatest one; the total is all of them.
std::vector<std::string> Bars(const std::vector<std::optional<double>>& values, Unit unit, size_t width) {
  double most = unit == Unit::kShare ? 1 : 0;
  for (const std::optional<double>& value : values) most = std::max(most, value.value_or(0));
  std::vector<std::string> bars;
  for (const std::optional<double>& value : values) {
    const double share = most > 0 ? value.value_or(0) / most : 0;
    bars.emplace_back(static_cast<size_t>(std::lround(share * static_cast<double>(width))), '#');
  }
  return bars;
}

// A table under construction: the leading columns to the left, the others to the right, bars behind the value.
class Layout {
 public:
  Layout(std::vector<Column> names, std::vector<Column> values)
      : names_(std::move(names)), values_(std::move(values)) {}

  std::string Render(size_t width, const std::vector<std::string>& bars = {}) const {
    std::vector<Table::Column> columns;
    for (const Column& name : names_) columns.push_back({name.heading});
    for (size_t i = 0; i < values_.size(); ++i) {
      columns.push_back({values_[i].heading, Table::kRight});
      if (i == 0 && !bars.empty()) columns.push_back({""});
    }
    Table table(std::move(columns));
    for (size_t row = 0; row < values_[0].cells.size(); ++row) {
      std::vector<std::string> cells;
      for (const Column& name : names_) cells.push_back(name.cells[row]);
      for (size_t i = 0; i < values_.size(); ++i) {
        cells.push_back(values_[i].cells[row]);
        if (i == 0 && !bars.empty()) cells.push_back(bars[row]);
      }
      table.Add(std::move(cells));
    }
    return table.Render(width);
  }
  size_t width() const { return WidthOf(Render(10'000)); }
  // Leaves out the last columns until the rest fits; their headings.
  std::vector<std::string> Fit(size_t width) {
    std::vector<std::string> left_out;
    while (this->width() > width && values_.size() > 1) {
      left_out.insert(left_out.begin(), absl::AsciiStrToLower(values_.back().heading));
      values_.pop_back();
    }
    return left_out;
  }

 private:
  std::vector<Column> names_;
  std::vector<Column> values_;
};

// The rows of all definitions, each key once: one for each definition, null where it has none.
std::vector<std::pair<Key, std::vector<const v1::QueryRow*>>> Joined(const std::vector<Numbers>& all) {
  std::vector<std::pair<Key, std::vector<const v1::QueryRow*>>> joined;
  std::map<Key, size_t> places;
  for (size_t i = 0; i < all.size(); ++i) {
    for (const v1::QueryRow& row : all[i].table.rows) {
      const Key key = KeyOf(all[i].table, row);
      const auto [place, fresh] = places.emplace(key, joined.size());
      if (fresh) joined.emplace_back(key, std::vector<const v1::QueryRow*>(all.size()));
      joined[place->second].second[i] = &row;
    }
  }
  return joined;
}

std::string UnitName(Unit unit) {
  switch (unit) {
    case Unit::kCount:
      return "count";
    case Unit::kShare:
      return "share";
    case Unit::kMean:
      return "mean";
    case Unit::kMilliseconds:
      return "milliseconds";
    case Unit::kHours:
      return "hours";
  }
  CHECK(false);
}

}  // namespace

std::string ValueWords(Unit unit, const v1::QueryValue& value) { return Words(unit, Number(&value)); }

std::string TimeWords(const v1::QueryHeader& header) {
  absl::TimeZone zone;
  absl::LoadTimeZone(header.time_zone(), &zone);
  const auto day = [&](const google::protobuf::Timestamp& stamp) {
    const absl::Time time = FromProto(stamp);
    const bool midnight = absl::FromCivil(absl::ToCivilDay(time, zone), zone) == time;
    return absl::FormatTime(midnight ? "%Y-%m-%d" : "%Y-%m-%d %H:%M", time, zone);
  };
  return absl::StrCat(day(header.from()), " to ", day(header.to()), ", ",
                      header.by() == kTotal ? "" : absl::StrCat("by ", header.by(), ", "),
                      header.time_zone());
}

std::string PartsWords(Unit unit, const QueryTable& table, const v1::QueryRow& row) {
  return Parts(unit, table, row);
}

std::string NumbersText(const std::vector<Numbers>& all, size_t width, bool bars) {
  const bool both = all.size() > 1;
  const QueryTable& first = all.front().table;
  std::string text = absl::StrCat(Wrap(Heading(all.front(), both), width, 2), "\n\n");
  std::vector<Column> names = {{"PERIOD", {}}};
  for (const v1::QueryColumn& column : first.header.columns()) {
    if (column.kind() == v1::QueryColumn::GROUP) names.push_back({absl::AsciiStrToUpper(column.name()), {}});
  }
  std::vector<std::vector<const v1::QueryRow*>> rows(all.size());
  bool provisional = false;
  std::vector<std::optional<double>> lengths;
  for (const auto& [key, found] : Joined(all)) {
    bool mark = false;
    for (size_t i = 0; i < all.size(); ++i) {
      rows[i].push_back(found[i]);
      mark |= found[i] != nullptr && IsProvisional(all[i].table, *found[i]);
    }
    provisional |= mark;
    for (size_t i = 0; i < names.size(); ++i) {
      const std::string cell = i < key.size() ? key[i] : "";
      names[i].cells.push_back(i == 0 ? absl::StrCat(cell, mark ? " p" : "") : Cut(cell, kGroupColumns));
    }
    // The total of several periods or groups would dwarf them.
    const bool sum = key.front() == kTotal && first.header.by() != kTotal;
    const v1::QueryRow* const shown = found.front();
    lengths.push_back(sum || shown == nullptr ? std::nullopt
                                              : Number(Find(first, *shown, v1::QueryColumn::VALUE)));
  }
  if (lengths.empty()) return absl::StrCat(text, "Nothing was counted in this time.\n");
  std::vector<Column> values;
  for (size_t i = 0; i < all.size(); ++i) {
    for (Column& column : ValueColumns(all[i], rows[i], both)) values.push_back(std::move(column));
  }
  Layout layout(std::move(names), std::move(values));
  const std::vector<std::string> left_out = layout.Fit(width);
  const size_t used = layout.width() + 2;
  const bool room = bars && lengths.size() > 1 && used + kBarMin <= width;
  text += layout.Render(width, room ? Bars(lengths, all.front().metric->unit, std::min(kBarMax, width - used))
                                    : std::vector<std::string>());
  const auto note = [&](const std::string& sentence) {
    absl::StrAppend(&text, Wrap(Printable(sentence), width, 2), "\n");
  };
  text += "\n";
  if (provisional) note("p  provisional: the source may still bring rows of it");
  if (!left_out.empty()) {
    note(absl::StrCat("No room for ", absl::StrJoin(left_out, ", "), ": --csv and --output json have them."));
  }
  for (const std::string& warning : first.header.warnings()) note(absl::StrCat("Note: ", warning, "."));
  return text;
}

std::string NumbersJson(const std::vector<Numbers>& all) {
  std::vector<std::string> answers;
  for (const Numbers& numbers : all) {
    const v1::QueryHeader& header = numbers.table.header;
    std::vector<std::string> warnings;
    for (const std::string& warning : header.warnings()) warnings.push_back(QuoteJson(warning));
    std::vector<std::string> rows;
    for (const v1::QueryRow& row : numbers.table.rows) {
      rows.push_back(JsonObject(header, row));
    }
    answers.push_back(absl::StrCat(
        "{\"metric\":", QuoteJson(numbers.metric->name), ",\"title\":", QuoteJson(numbers.metric->title),
        ",\"definition\":", QuoteJson(DefinitionName(numbers.guide)),
        ",\"unit\":", QuoteJson(UnitName(numbers.metric->unit)),
        ",\"from\":", QuoteJson(FormatStamp(FromProto(header.from()))), ",\"to\":",
        QuoteJson(FormatStamp(FromProto(header.to()))), ",\"time_zone\":", QuoteJson(header.time_zone()),
        ",\"by\":", QuoteJson(header.by()), ",\"read\":", QuoteJson(FormatStamp(FromProto(header.read()))),
        ",\"warnings\":[", absl::StrJoin(warnings, ","), "],\"rows\":[", absl::StrJoin(rows, ","), "]}"));
  }
  return absl::StrCat("[", absl::StrJoin(answers, ","), "]\n");
}

std::string NumbersCsv(const std::vector<Numbers>& all) {
  std::vector<std::string> columns;
  for (const Numbers& numbers : all) {
    for (const v1::QueryColumn& column : numbers.table.header.columns()) {
      if (std::count(columns.begin(), columns.end(), column.name()) == 0) columns.push_back(column.name());
    }
  }
  std::string text = "metric,definition";
  for (const std::string& column : columns) absl::StrAppend(&text, ",", CsvField(column));
  text += "\r\n";
  for (const Numbers& numbers : all) {
    for (const v1::QueryRow& row : numbers.table.rows) {
      std::map<std::string, std::string> cells;
      for (int i = 0; i < row.values_size(); ++i) {
        cells[numbers.table.header.columns(i).name()] = CsvCell(row.values(i));
      }
      absl::StrAppend(&text, numbers.metric->name, ",", DefinitionName(numbers.guide));
      for (const std::string& column : columns) absl::StrAppend(&text, ",", cells[column]);
      text += "\r\n";
    }
  }
  return text;
}

}  // namespace penstock::cli
