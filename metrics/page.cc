// SPDX-License-Identifier: Apache-2.0
#include "metrics/page.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "metrics/catalogue.h"
#include "metrics/request.h"

namespace penstock::metrics {
namespace {

constexpr char kGenerated[] = "<!-- Generated from metrics/entries; docs_test.cc says how. -->\n\n";

std::string Code(const std::string& sql) { return absl::StrCat("`", sql, "`"); }

// What a definition counts, as SQL over its facts.
std::string Formula(const Definition& definition) {
  std::string text = absl::StrCat("- of ", Code(definition.facts));
  if (!definition.where.empty()) absl::StrAppend(&text, " where ", Code(definition.where));
  if (!definition.per.empty()) absl::StrAppend(&text, ", one row for each ", Code(definition.per));
  absl::StrAppend(&text, "\n- value: ", Code(definition.value));
  if (!definition.over.empty()) absl::StrAppend(&text, " / ", Code(definition.over));
  for (const NamedSql& each : definition.beside) {
    absl::StrAppend(&text, "\n- beside it ", each.name, ": ", Code(each.sql));
  }
  if (!definition.unattributed.empty()) {
    absl::StrAppend(&text, "\n- unattributed: rows of ", Code(definition.unattributed));
  }
  return absl::StrCat(text, "\n");
}

std::string Parameters(const Metric& metric) {
  const std::vector<MetricParameter> all = ParametersOf(metric);
  if (all.empty()) return "";
  std::string text = "\n## Parameters\n\n| name | default | what it is |\n|---|---|---|\n";
  for (const MetricParameter& each : all) {
    std::string help = each.parameter->help;
    if (!each.parameter->choices.empty()) {
      help = absl::StrCat(help, " (", absl::StrJoin(each.parameter->choices, ", "), ")");
    }
    absl::StrAppend(&text, "| `", each.parameter->name, "` | ",
                    each.defaults.empty() ? "-" : absl::StrJoin(each.defaults, ", "), " | ", help, " |\n");
  }
  return text;
}

}  // namespace

std::string MarkdownPage(const Metric& metric) {
  std::string text = absl::StrCat(
      kGenerated, "# ", metric.title, "\n\n`", metric.name, "`. The guide's section: ", metric.section,
      ".\n\n## Corrected\n\n", metric.corrected.text, "\n\n", Formula(metric.corrected),
      "\n## By the guide's letter\n\n", metric.guide.text, "\n\n", Formula(metric.guide),
      "\n## How they differ\n\n", metric.differs.empty() ? "They give the same." : metric.differs,
      "\n\nOn the published samples: ", metric.sample, ".\n");
  for (const std::string& note : metric.notes) absl::StrAppend(&text, "\n", note, "\n");
  absl::StrAppend(
      &text, "\n## Groups\n\n",
      metric.breakdown.name.empty() ? "" : absl::StrCat("Always by ", metric.breakdown.name, ". "),
      "Can be grouped and filtered by ", absl::StrJoin(DimensionsOf(metric), ", "), ".\n");
  return absl::StrCat(text, Parameters(metric));
}

std::string MarkdownIndex() {
  std::string text =
      absl::StrCat(kGenerated, "# All metrics\n\n[How they are written and proved](../metrics.md).\n\n",
                   "| metric | what it is | on the published samples |\n|---|---|---|\n");
  for (const Metric& metric : AllMetrics()) {
    absl::StrAppend(&text, "| [", metric.name, "](", metric.name, ".md) | ", metric.title, " | ",
                    metric.sample, " |\n");
  }
  return text;
}

}  // namespace penstock::metrics
