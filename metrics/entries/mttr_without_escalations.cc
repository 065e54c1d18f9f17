// SPDX-License-Identifier: Apache-2.0
#include "metrics/entries.h"

namespace penstock::metrics {

Metric MttrWithoutEscalations() {
  return {
      .name = "mttr_without_escalations",
      .title = "Mean time to response without escalations (guide: MTTR)",
      .section = "Value metrics, MTTR, Excluding Escalations",
      .unit = Unit::kMilliseconds,
      .parameters = {"response", "link_days", "labels", "ticket_forms", "agent_forms", "number_labels",
                     "attribution"},
      .reads = {Endpoint::kInteractions},
      .corrected =
          {.text = "The same of messages after which no ticket was filed and no live agent asked for.",
           .facts = "response",
           .where = "ticket = 0 AND agent = 0",
           .per = "chosen, response_ms",
           .per_values = {{"answers", "COUNT(*)"}},
           .ranks = {{"place", "SUM(answers) OVER (PARTITION BY {cell}, chosen ORDER BY response_ms)"},
                     {"places", "SUM(answers) OVER (PARTITION BY {cell}, chosen)"}},
           .value = "SUM(CASE WHEN chosen = 1 THEN response_ms * answers END)",
           .over = "SUM(chosen * answers)",
           .beside = {{"median_ms", "MIN(CASE WHEN chosen = 1 AND place * 2 >= places THEN response_ms END)"},
                      {"p90_ms",
                       "MIN(CASE WHEN chosen = 1 AND place * 10 >= places * 9 THEN response_ms END)"},
                      {"negative", "SUM(CASE WHEN response_ms < 0 THEN answers ELSE 0 END)"},
                      {"unanswered", "SUM(CASE WHEN response_ms IS NULL THEN answers ELSE 0 END)"}},
           .unattributed = "unattributed_escalation"},
      .guide = {.text = "The same, with escalations left out of the sum but not of the count.",
                .facts = "response",
                .value = "SUM(CASE WHEN guide_escalated = 0 THEN response_ms END)",
                .over = "COUNT(DISTINCT CASE WHEN guide_deflected = 1 THEN id END)"},
      .differs =
          "The guide takes escalations off above the line and not below it, which makes the mean too small.",
      .sample = "corrected 9.549 s of 189 answers, guide 10.584 s",
  };
}

}  // namespace penstock::metrics
