// SPDX-License-Identifier: Apache-2.0
#include "cli/report_chart.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "cli/terminal.h"

namespace penstock::cli {
namespace {

// As wide as a phone, so that text keeps its size there; a wider column enlarges all of it.
constexpr double kWidth = 360;
constexpr double kLineHeight = 150;
constexpr double kTop = 18;
constexpr double kBottom = 22;
constexpr double kSide = 8;
constexpr double kBarRow = 30;
constexpr size_t kLabelColumns = 44;

double Greatest(const std::vector<ChartPoint>& points, double most) {
  for (const ChartPoint& point : points) most = std::max(most, point.value.value_or(0));
  return most > 0 ? most : 1;
}

std::string Text(double x, double y, const std::string& anchor, const std::string& text) {
  return absl::StrFormat("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>", x, y, anchor,
                         Html(text));
}

std::string Open(double height, const std::string& what) {
  return absl::StrFormat("<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"%s\">", kWidth, height,
                         what);
}

}  // namespace

std::string Html(absl::string_view text) {
  return absl::StrReplaceAll(
      text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}, {"'", "&#39;"}});
}

std::string LineChart(const std::vector<ChartPoint>& points, double most) {
  const double top = Greatest(points, most);
  const double step = points.size() < 2 ? 0 : (kWidth - 2 * kSide) / static_cast<double>(points.size() - 1);
  const double floor = kLineHeight - kBottom;
  std::string svg = Open(kLineHeight, "values along the time");
  absl::StrAppendFormat(&svg, "<line class=\"axis\" x1=\"0\" y1=\"%.1f\" x2=\"%.0f\" y2=\"%.1f\"/>", floor,
                        kWidth, floor);
  std::string path, dots;
  bool on = false;
  const ChartPoint* highest = nullptr;
  for (size_t i = 0; i < points.size(); ++i) {
    const ChartPoint& point = points[i];
    if (!point.value.has_value()) {
      on = false;
      continue;
    }
    const double x = points.size() < 2 ? kWidth / 2 : kSide + step * static_cast<double>(i);
    const double y = floor - (floor - kTop) * *point.value / top;
    absl::StrAppendFormat(&path, "%s%.1f %.1f", on ? " L" : " M", x, y);
    on = true;
    absl::StrAppendFormat(
        &dots, "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"><title>%s: %s</title></circle>",
        point.provisional ? "hollow" : "dot", x, y, Html(point.label), Html(point.words));
    if (highest == nullptr || *point.value > *highest->value) highest = &point;
  }
  absl::StrAppend(&svg, "<path class=\"line\" d=\"", path, "\"/>", dots);
  if (highest != nullptr) svg += Text(0, 11, "start", absl::StrCat("up to ", highest->words));
  svg += Text(0, kLineHeight - 6, "start", points.front().label);
  if (points.size() > 1) svg += Text(kWidth, kLineHeight - 6, "end", points.back().label);
  return svg + "</svg>";
}

std::string BarChart(const std::vector<ChartPoint>& points, double most) {
  const double top = Greatest(points, most);
  std::string svg = Open(kBarRow * static_cast<double>(points.size()), "a bar for each group");
  double y = 0;
  for (const ChartPoint& point : points) {
    const std::string label = Columns(point.label) > kLabelColumns
                                  ? absl::StrCat(Cut(point.label, kLabelColumns), "...")
                                  : point.label;
    svg += Text(0, y + 12, "start", label);
    svg += Text(kWidth, y + 12, "end", point.words);
    absl::StrAppendFormat(&svg, "<rect class=\"%s\" x=\"0.5\" y=\"%.1f\" width=\"%.1f\" height=\"8\"/>",
                          point.provisional ? "hollow" : "bar", y + 17,
                          (kWidth - 1) * point.value.value_or(0) / top);
    y += kBarRow;
  }
  return svg + "</svg>";
}

}  // namespace penstock::cli
