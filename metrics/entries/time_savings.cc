// SPDX-License-Identifier: Apache-2.0
#include "metrics/entries.h"

namespace penstock::metrics {

Metric TimeSavings() {
  return {
      .name = "time_savings",
      .title = "Time savings",
      .section = "Value metrics, Time Savings",
      .unit = Unit::kHours,
      .subject = Subject::kCall,
      .parameters = {"hours"},
      .reads = {Endpoint::kPluginCalls},
      .corrected = {.text = "Hours saved: for each plugin its hours, times the interactions in which it was "
                            "served and used.",
                    .facts = "saving",
                    .per = "plugin_key, interaction_id",
                    .per_values = {{"saved_millihours", "MAX(saved_millihours)"}},
                    .value = "SUM(saved_millihours)",
                    .over = "MAX(1000)",
                    .beside = {{"interactions", "COUNT(*)"}}},
      .guide = {.text = "The same.",
                .facts = "saving",
                .per = "plugin_key, interaction_id",
                .per_values = {{"saved_millihours", "MAX(saved_millihours)"}},
                .value = "SUM(saved_millihours)",
                .over = "MAX(1000)",
                .beside = {{"interactions", "COUNT(*)"}}},
      .sample = "with 0.5 hours for Grant Software Access: 1.5, of 3 interactions",
      .needs = "hours",
  };
}

}  // namespace penstock::metrics
