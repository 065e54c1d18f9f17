// SPDX-License-Identifier: Apache-2.0
#include "cli/metrics_page.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/json_text.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "metrics/catalogue.h"
#include "metrics/request.h"

namespace penstock::cli {
namespace {

constexpr size_t kMargin = 11;

// "corrected  Messages after which ..", the text in a column of its own.
std::string Paragraph(const std::string& word, const std::string& text, size_t width) {
  if (text.empty()) return "";
  const std::string lines = Wrap(text, width - kMargin);
  return absl::StrCat(word, std::string(kMargin - word.size(), ' '),
                      absl::StrJoin(absl::StrSplit(lines, '\n'), "\n" + std::string(kMargin, ' ')), "\n");
}

std::string Default(const metrics::MetricParameter& parameter) {
  return parameter.defaults.empty() ? "-" : absl::StrJoin(parameter.defaults, ", ");
}

std::string JsonList(const std::vector<std::string>& items) {
  return absl::StrCat(
      "[",
      absl::StrJoin(items, ",",
                    [](std::string* out, const std::string& item) { absl::StrAppend(out, QuoteJson(item)); }),
      "]");
}

std::string Summary(const metrics::Metric& metric) {
  return absl::StrCat("\"name\":", QuoteJson(metric.name), ",\"title\":", QuoteJson(metric.title),
                      ",\"section\":", QuoteJson(metric.section));
}

std::string ParameterJson(const metrics::MetricParameter& each) {
  return absl::StrCat("{\"name\":", QuoteJson(each.parameter->name), ",\"default\":", JsonList(each.defaults),
                      ",\"choices\":", JsonList(each.parameter->choices),
                      ",\"help\":", QuoteJson(each.parameter->help), "}");
}

}  // namespace

std::string MetricList(size_t width) {
  Table table({{"METRIC"}, {"WHAT IT IS"}});
  for (const metrics::Metric& metric : metrics::AllMetrics()) table.Add({metric.name, metric.title});
  return absl::StrCat(table.Render(width),
                      "\nWhat one of them counts:\n  penstock metrics show deflections\n");
}

std::string MetricListJson() {
  std::vector<std::string> all;
  for (const metrics::Metric& metric : metrics::AllMetrics())
    all.push_back(absl::StrCat("{", Summary(metric), "}"));
  return absl::StrCat("[", absl::StrJoin(all, ","), "]\n");
}

std::string MetricPage(const metrics::Metric& metric, size_t width) {
  std::string text =
      absl::StrCat(metric.title, "\n", Wrap(absl::StrCat("Guide: ", metric.section), width, 2), "\n\n");
  text += Paragraph("corrected", metric.corrected.text, width);
  text += Paragraph("guide", metric.guide.text, width);
  text += Paragraph("differs", metric.differs.empty() ? "They give the same." : metric.differs, width);
  text += Paragraph("samples", metric.sample, width);
  for (const std::string& note : metric.notes) text += Paragraph("note", note, width);
  text += "\n";
  if (!metric.breakdown.name.empty()) text += absl::StrCat("Always by ", metric.breakdown.name, ". ");
  text +=
      Wrap(absl::StrCat("--group and --where know ", absl::StrJoin(metrics::DimensionsOf(metric), ", "), "."),
           width);
  text += "\n";
  const std::vector<metrics::MetricParameter> parameters = metrics::ParametersOf(metric);
  if (!parameters.empty()) {
    text += "\n";
    for (const metrics::MetricParameter& each : parameters) {
      text +=
          Wrap(absl::StrCat("--set ", each.parameter->name, "=", Default(each), ": ", each.parameter->help),
               width, 4);
      text += "\n";
    }
  }
  return absl::StrCat(text, "\nIts SQL:\n  penstock metrics show ", metric.name, " --sql postgres\n");
}

std::string MetricPageJson(const metrics::Metric& metric) {
  std::vector<std::string> parameters;
  for (const metrics::MetricParameter& each : metrics::ParametersOf(metric))
    parameters.push_back(ParameterJson(each));
  return absl::StrCat("{", Summary(metric), ",\"corrected\":", QuoteJson(metric.corrected.text),
                      ",\"guide\":", QuoteJson(metric.guide.text), ",\"differs\":", QuoteJson(metric.differs),
                      ",\"samples\":", QuoteJson(metric.sample), ",\"notes\":", JsonList(metric.notes),
                      ",\"breakdown\":", QuoteJson(metric.breakdown.name),
                      ",\"dimensions\":", JsonList(metrics::DimensionsOf(metric)), ",\"parameters\":[",
                      absl::StrJoin(parameters, ","), "]}\n");
}

}  // namespace penstock::cli
