// SPDX-License-Identifier: Apache-2.0
#include "metrics/entries.h"

namespace penstock::metrics {

Metric CustomPluginUsage() {
  return {
      .name = "custom_plugin_usage",
      .title = "Usage of custom plugins",
      .section = "Plugin call metrics, Agent studio plugin reporting",
      .chart = Chart::kBars,
      .subject = Subject::kCall,
      .breakdown = {"plugin", "plugin"},
      .parameters = {"custom_plugins"},
      .reads = {Endpoint::kPluginCalls},
      .corrected = {.text = "Calls of plugins of your own, by plugin.",
                    .facts = "custom_call",
                    .value = "COUNT(*)",
                    .beside = {{"served", "SUM(served)"}, {"ok", "SUM(ok)"}}},
      .guide = {.text = "The same.",
                .facts = "custom_call",
                .value = "COUNT(*)",
                .beside = {{"served", "SUM(served)"}, {"ok", "SUM(ok)"}}},
      .sample = "corrected and guide: vacation_request 21, WORKDAY_PTO_Balance_in_workday 11",
      .notes = {"The source does not say which plugins are custom. Without custom_plugins it is a guess: "
                "each that Moveworks "
                "is not known to bring."},
  };
}

}  // namespace penstock::metrics
