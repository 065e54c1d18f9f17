// SPDX-License-Identifier: Apache-2.0
#include "cli/report_page.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/instant.h"
#include "cli/metrics_numbers.h"
#include "cli/query_cells.h"
#include "cli/report_chart.h"
#include "metrics/frame.h"
#include "proto/convert.h"

namespace penstock::cli {
namespace {

using Column = v1::QueryColumn;
using metrics::kTotal;
using metrics::Unit;

constexpr size_t kBarsMax = 12;

// Colours by the reader's choice; paper is light. Nothing is wider than the screen: tables scroll by themselves.
constexpr char kStyle[] = R"(
:root{color-scheme:light dark;--paper:#fff;--card:#f6f7f9;--ink:#1d2430;--soft:#5b6575;--mark:#2563c9;--rule:#d8dde5}
@media(prefers-color-scheme:dark){
:root{--paper:#12161d;--card:#1b212b;--ink:#e6e9ef;--soft:#9aa5b5;--mark:#7fb0ff;--rule:#333c4a}}
@media print{:root{--paper:#fff;--card:#fff;--ink:#000;--soft:#444;--mark:#1d4fa3;--rule:#bbb}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1240px;padding:20px 14px;background:var(--paper);color:var(--ink)}
body{font:15px/1.45 system-ui,sans-serif}
h1{font-size:1.5em;margin:0}h2{font-size:1.05em;margin:0}
header p,.what,.guide,footer{color:var(--soft);margin:.3em 0}
main{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,360px),1fr));gap:14px;margin:18px 0}
section{background:var(--card);border:1px solid var(--rule);border-radius:8px;padding:14px;min-width:0}
section{break-inside:avoid}
.value{font-size:1.9em;font-weight:600;margin:.1em 0}.value small{font-size:.5em;font-weight:400;color:var(--soft)}
.what{font-size:.87em}.guide{font-size:.87em}
svg{display:block;width:100%;height:auto;margin:8px 0}svg text{font-size:11px;fill:var(--soft)}
.line{fill:none;stroke:var(--mark);stroke-width:2}.axis{stroke:var(--rule)}
.dot,.bar{fill:var(--mark)}.hollow{fill:var(--card);stroke:var(--mark);stroke-width:1.5}
details{font-size:.87em}summary{cursor:pointer;color:var(--soft)}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:right;padding:3px 8px 3px 0;border-bottom:1px solid var(--rule);white-space:nowrap}
th{font-weight:500;color:var(--soft)}th.name,td.name{text-align:left;white-space:normal;overflow-wrap:anywhere}
)";

const v1::QueryValue* Find(const QueryTable& table, const v1::QueryRow& row, Column::Kind kind) {
  for (int i = 0; i < table.header.columns_size(); ++i) {
    if (table.header.columns(i).kind() == kind) return &row.values(i);
  }
  return nullptr;
}

bool HasGroups(const QueryTable& table) {
  return std::any_of(table.header.columns().begin(), table.header.columns().end(),
                     [](const Column& column) { return column.kind() == Column::GROUP; });
}

std::string Group(const QueryTable& table, const v1::QueryRow& row) {
  std::vector<std::string> words;
  for (int i = 0; i < table.header.columns_size(); ++i) {
    if (table.header.columns(i).kind() == Column::GROUP) words.push_back(row.values(i).text());
  }
  return words.empty() ? "" : words.front();
}

// One point for each row that `wanted` takes.
template <typename Wanted, typename Label>
std::vector<ChartPoint> Points(Unit unit, const QueryTable& table, Wanted wanted, Label label) {
  std::vector<ChartPoint> points;
  for (const v1::QueryRow& row : table.rows) {
    if (!wanted(row)) continue;
    ChartPoint point;
    point.label = label(row);
    const v1::QueryValue& value = *Find(table, row, Column::VALUE);
    if (value.value_case() == v1::QueryValue::kNumber) point.value = value.number();
    point.words = ValueWords(unit, value);
    point.provisional = Find(table, row, Column::PROVISIONAL)->flag();
    points.push_back(std::move(point));
  }
  return points;
}

// Groups as bars, of all of the time; otherwise the periods as a line; one number needs neither.
std::string Chart(const metrics::Metric& metric, const QueryTable& table) {
  const auto total = [&](const v1::QueryRow& row) { return row.values(0).text() == kTotal; };
  const auto group = [&](const v1::QueryRow& row) { return Group(table, row); };
  const double most = metric.unit == Unit::kShare ? 1 : 0;
  if (HasGroups(table)) {
    std::vector<ChartPoint> points = Points(metric.unit, table, total, group);
    std::stable_sort(points.begin(), points.end(), [](const ChartPoint& a, const ChartPoint& b) {
      return a.value.value_or(-1) > b.value.value_or(-1);
    });
    if (points.size() > kBarsMax) points.resize(kBarsMax);
    return points.empty() ? "" : BarChart(points, most);
  }
  const std::vector<ChartPoint> points = Points(
      metric.unit, table, [&](const v1::QueryRow& row) { return !total(row); },
      [](const v1::QueryRow& row) { return row.values(0).text(); });
  if (points.size() > 1) return LineChart(points, most);
  return BarChart(Points(metric.unit, table, total, [](const v1::QueryRow&) { return "all of the time"; }),
                  most);
}

std::string Table(const metrics::Metric& metric, const QueryTable& table) {
  std::string html = "<details><summary>Table</summary><div class=\"scroll\"><table><thead><tr>";
  const auto is_name = [](const Column& column) {
    return column.kind() == Column::PERIOD || column.kind() == Column::GROUP ||
           column.kind() == Column::KIND_UNSPECIFIED;
  };
  for (const Column& column : table.header.columns()) {
    absl::StrAppend(&html, is_name(column) ? "<th class=\"name\">" : "<th>",
                    Html(absl::StrReplaceAll(column.name(), {{"_", " "}})), "</th>");
  }
  html += "</tr></thead><tbody>";
  for (const v1::QueryRow& row : table.rows) {
    html += "<tr>";
    for (int i = 0; i < row.values_size(); ++i) {
      const Column& column = table.header.columns(i);
      std::string cell = CsvCell(row.values(i));
      if (row.values(i).value_case() == v1::QueryValue::kText) cell = row.values(i).text();
      if (column.kind() == Column::VALUE) cell = ValueWords(metric.unit, row.values(i));
      if (column.kind() == Column::PROVISIONAL) cell = row.values(i).flag() ? "yes" : "";
      absl::StrAppend(&html, is_name(column) ? "<td class=\"name\">" : "<td>", Html(cell), "</td>");
    }
    html += "</tr>";
  }
  return html + "</tbody></table></div></details>";
}

// The one number of all of the time; empty where there are groups.
std::string Total(const metrics::Metric& metric, const QueryTable& table) {
  if (HasGroups(table) || table.rows.empty()) return "";
  const v1::QueryRow& row = table.rows.back();
  const std::string parts = PartsWords(metric.unit, table, row);
  return absl::StrCat(Html(ValueWords(metric.unit, *Find(table, row, Column::VALUE))),
                      parts.empty() ? "" : absl::StrCat(" <small>", Html(parts), "</small>"));
}

std::string Section(const ReportEntry& entry) {
  const metrics::Metric& metric = *entry.metric;
  std::string html = absl::StrCat("<section id=\"", metric.name, "\"><h2>", Html(metric.title), "</h2>");
  if (!entry.corrected.ok()) {
    return absl::StrCat(html, "<p class=\"what\">Not computed: ", Html(entry.corrected.status().message()),
                        "</p></section>\n");
  }
  const std::string total = Total(metric, *entry.corrected);
  if (!total.empty()) absl::StrAppend(&html, "<p class=\"value\">", total, "</p>");
  absl::StrAppend(&html, "<p class=\"what\">", Html(metric.corrected.text), "</p>",
                  Chart(metric, *entry.corrected));
  if (!metric.differs.empty() && entry.guide.ok()) {
    const std::string guide = Total(metric, *entry.guide);
    absl::StrAppend(&html, "<p class=\"guide\">By the guide's letter",
                    guide.empty() ? "" : absl::StrCat(" ", guide), ": ", Html(metric.differs), "</p>");
  }
  for (const std::string& warning : entry.corrected->header.warnings()) {
    absl::StrAppend(&html, "<p class=\"guide\">Note: ", Html(warning), ".</p>");
  }
  html += Table(metric, *entry.corrected);
  if (entry.texts.has_value()) {
    html +=
        absl::StrReplaceAll(Table(metric, *entry.texts), {{"<summary>Table", "<summary>What people wrote"}});
  }
  return html + "</section>\n";
}

}  // namespace

std::string ReportPage(const std::string& destination, const std::vector<ReportEntry>& entries) {
  std::string sections, time, read;
  bool provisional = false;
  for (const ReportEntry& entry : entries) {
    sections += Section(entry);
    if (!entry.corrected.ok()) continue;
    time = TimeWords(entry.corrected->header);
    read = FormatStamp(FromProto(entry.corrected->header.read()));
    for (const v1::QueryRow& row : entry.corrected->rows) {
      const v1::QueryValue* const mark = Find(*entry.corrected, row, Column::PROVISIONAL);
      provisional |= mark != nullptr && mark->flag();
    }
  }
  return absl::StrCat(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>Metrics of ",
      Html(destination), "</title><style>", kStyle, "</style></head>\n<body><header><h1>Metrics of ",
      Html(destination), "</h1><p>", Html(time), ". Read ", read, ".</p></header>\n<main>\n", sections,
      "</main>\n<footer>",
      provisional ? "Hollow marks are provisional: the source may still bring rows of that time. " : "",
      "Made by penstock metrics report.</footer></body></html>\n");
}

}  // namespace penstock::cli
