// SPDX-License-Identifier: Apache-2.0
#include "metrics/powerbi/tmdl.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "base/status_macros.h"
#include "metrics/powerbi/dax.h"
#include "metrics/powerbi/tables.h"
#include "metrics/powerbi/views.h"

namespace penstock::metrics::powerbi {
namespace {

constexpr int kRefreshedDays = 32;
constexpr int kKeptYears = 10;

// A name that is more than a word stands in quotes.
std::string Name(const std::string& name) {
  if (std::all_of(name.begin(), name.end(), [](char c) { return absl::ascii_isalnum(c) || c == '_'; }))
    return name;
  return absl::StrCat("'", absl::StrReplaceAll(name, {{"'", "''"}}), "'");
}

// Lines, each behind so many tabs as its object is deep.
class Writer {
 public:
  void Line(int depth, const std::string& line) {
    absl::StrAppend(&text_, std::string(depth, '\t'), line, "\n");
  }
  void Property(int depth, const std::string& name, const std::string& value) {
    if (!value.empty()) Line(depth, absl::StrCat(name, ": ", value));
  }
  void Text(int depth, const std::string& text) {
    if (!text.empty()) Line(depth, absl::StrCat("/// ", text));
  }
  // An expression of several lines stands two deeper than what it belongs to.
  void Expression(int depth, const std::string& name, const std::vector<std::string>& lines) {
    Line(depth, absl::StrCat(name, " ="));
    for (const std::string& line : lines) Line(depth + 2, line);
  }
  void Blank() { text_ += "\n"; }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

bool IsRefreshedInParts(const Table& table, Mode mode) {
  return mode == Mode::kImport && table.dated && !table.whole;
}

std::vector<std::string> Query(const Table& table, const Source& source, Mode mode) {
  std::vector<std::string> steps = StepsTo(BiViewName(table.relation), source);
  std::string last = "View";
  if (IsRefreshedInParts(table, mode)) {
    const std::string column = SourceColumn("created_time", source);
    steps.push_back(absl::StrCat("Rows = Table.SelectRows(View, each [", column, "] >= RangeStart and [",
                                 column, "] < RangeEnd)"));
    last = "Rows";
  }
  std::vector<std::string> lines = {"let"};
  for (size_t i = 0; i < steps.size(); ++i) {
    lines.push_back(absl::StrCat("    ", steps[i], i + 1 < steps.size() ? "," : ""));
  }
  lines.push_back("in");
  lines.push_back(absl::StrCat("    ", last));
  return lines;
}

std::string TypeName(ColumnType type) {
  switch (type) {
    case ColumnType::kText:
      return "string";
    case ColumnType::kNumber:
      return "int64";
    case ColumnType::kDate:
    case ColumnType::kTime:
      return "dateTime";
  }
  CHECK(false);
}

std::string FormatOf(ColumnType type) {
  if (type == ColumnType::kDate) return "yyyy-mm-dd";
  if (type == ColumnType::kTime) return "yyyy-mm-dd hh:nn:ss";
  return type == ColumnType::kNumber ? "0" : "";
}

void WriteColumn(const Column& column, bool key, const Source& source, Writer* out) {
  out->Line(1, absl::StrCat("column ", Name(column.name)));
  out->Property(2, "dataType", TypeName(column.type));
  if (key) out->Line(2, "isKey");
  if (column.hidden) out->Line(2, "isHidden");
  out->Property(2, "formatString", FormatOf(column.type));
  out->Property(2, "summarizeBy", "none");
  out->Property(2, "sourceColumn", SourceColumn(column.name, source));
  out->Blank();
  if (column.type == ColumnType::kDate) {
    out->Line(2, "annotation UnderlyingDateTimeDataType = Date");
    out->Blank();
  }
}

std::string ModeName(const Table& table, Mode mode) {
  if (mode == Mode::kImport) return "import";
  return table.looked_up ? "dual" : "directQuery";
}

std::string TableFile(const Table& table, const Source& source, Mode mode) {
  Writer out;
  out.Text(0, table.text);
  out.Line(0, absl::StrCat("table ", Name(table.title)));
  // What marks a date table: the category, and the key among its columns.
  if (table.title == kDate) out.Property(1, "dataCategory", "Time");
  out.Blank();
  for (const Measure& measure : table.measures) {
    out.Text(1, measure.text);
    out.Line(1, absl::StrCat("measure ", Name(measure.name), " = ", Dax(measure, table)));
    out.Property(2, "formatString", measure.format);
    out.Property(2, "displayFolder", measure.folder);
    out.Blank();
  }
  for (const Column& column : table.columns) {
    const bool key = table.title == kDate ? column.name == "local_date" : !table.dated && column.name == "id";
    WriteColumn(column, key, source, &out);
  }
  out.Line(1, absl::StrCat("partition ", Name(table.title), " = m"));
  out.Property(2, "mode", ModeName(table, mode));
  out.Expression(2, "source", Query(table, source, mode));
  if (IsRefreshedInParts(table, mode)) {
    out.Blank();
    out.Line(1, "refreshPolicy");
    out.Property(2, "policyType", "basic");
    out.Property(2, "rollingWindowGranularity", "year");
    out.Property(2, "rollingWindowPeriods", absl::StrCat(kKeptYears));
    out.Property(2, "incrementalGranularity", "day");
    out.Property(2, "incrementalPeriods", absl::StrCat(kRefreshedDays));
    out.Expression(2, "sourceExpression", Query(table, source, mode));
  }
  return out.text();
}

std::string ModelFile() {
  Writer out;
  out.Line(0, "model Model");
  out.Property(1, "culture", "en-US");
  out.Property(1, "defaultPowerBIDataSourceVersion", "powerBI_V3");
  out.Line(1, "discourageImplicitMeasures");
  out.Property(1, "sourceQueryCulture", "en-US");
  out.Line(1, "dataAccessOptions");
  out.Line(2, "legacyRedirects");
  out.Line(2, "returnErrorValuesAsNull");
  out.Blank();
  // No hidden calendar for each column of dates: there is one for all.
  out.Line(0, "annotation __PBI_TimeIntelligenceEnabled = 0");
  out.Blank();
  for (const Table& table : Tables()) out.Line(0, absl::StrCat("ref table ", Name(table.title)));
  return out.text();
}

std::string RelationshipsFile() {
  Writer out;
  for (const Relationship& each : Relationships()) {
    out.Line(0, absl::StrCat("relationship ", Name(absl::StrCat(each.from, " to ", each.to))));
    out.Property(1, "fromColumn", absl::StrCat(Name(each.from), ".", Name(each.from_column)));
    out.Property(1, "toColumn", absl::StrCat(Name(each.to), ".", Name(each.to_column)));
    out.Blank();
  }
  return out.text();
}

std::string ExpressionsFile(const Source& source, Mode mode) {
  Writer out;
  const auto add = [&](const std::string& name, const std::string& value, const std::string& type) {
    out.Line(0, absl::StrCat("expression ", name, " = ", value, " meta [IsParameterQuery=true, Type=\"", type,
                             "\", IsParameterQueryRequired=true]"));
    out.Blank();
    out.Line(1, absl::StrCat("annotation PBI_ResultType = ", type));
    out.Blank();
  };
  for (const SourceParameter& parameter : SourceParameters(source)) {
    add(parameter.name, QuoteM(parameter.value), "Text");
  }
  if (mode == Mode::kImport) {
    // What Power BI Desktop loads; the service puts the parts of the refresh policy in their place.
    add("RangeStart", "#datetime(2015, 1, 1, 0, 0, 0)", "DateTime");
    add("RangeEnd", "#datetime(2040, 1, 1, 0, 0, 0)", "DateTime");
  }
  return out.text();
}

}  // namespace

Files Tmdl(const Source& source, Mode mode) {
  Files files = {{"database.tmdl", "database\n\tcompatibilityLevel: 1601\n"},
                 {"model.tmdl", ModelFile()},
                 {"expressions.tmdl", ExpressionsFile(source, mode)},
                 {"relationships.tmdl", RelationshipsFile()}};
  for (const Table& table : Tables()) {
    files[absl::StrCat("tables/", table.title, ".tmdl")] = TableFile(table, source, mode);
  }
  return files;
}

}  // namespace penstock::metrics::powerbi
